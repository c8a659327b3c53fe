# SPDX-License-Identifier: AGPL-3.0-or-later
"""What residents ask for, and what the officials who checked it say."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, District, Membership, Viewer

from .cycles import Category, Cycle, Heading, category_name
from .places import is_on_earth

if TYPE_CHECKING:
    from .photos import Photo

DRAFTS_LAST = timedelta(days=30)  # from the last word that was written; then they are read again before they are sent
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing looks like something else


def new_reference(assembly: Assembly) -> str:
    """A short code that a person can say on the phone: two letters of the assembly, then five at random."""
    letters = [letter for letter in assembly.slug.upper() if letter.isascii() and letter.isalpha()] or ["F", "M"]
    later = next((letter for letter in letters[1:] if letter not in "AEIOU"), letters[-1])
    return f"{letters[0]}{later}-" + "".join(secrets.choice(REFERENCE_LETTERS) for _place in range(5))


def draft_end() -> datetime:
    """Until when a draft that is written now may be sent as it is."""
    return timezone.now() + DRAFTS_LAST


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Viewer) -> "ProposalQuerySet":
        """Proposals that were sent in, in cycles that this person may see, and one's own drafts.

        What moderators hid only its author sees.
        """
        seen = self.filter(heading__cycle__in=Cycle.objects.visible_to(user))
        if not user.is_authenticated:
            return seen.public()
        return seen.filter(~Q(state=Proposal.State.DRAFT) & Q(hidden_at=None) | Q(author__user=user))

    def going_on(self) -> "ProposalQuerySet":
        """Without those that go on as part of another, or as several."""
        return self.exclude(state__in=[Proposal.State.MERGED, Proposal.State.SPLIT])

    def public(self) -> "ProposalQuerySet":
        return self.exclude(state=Proposal.State.DRAFT).filter(hidden_at=None)

    def written_by(self, user: Viewer) -> "ProposalQuerySet":
        return self.filter(author__user=user) if user.is_authenticated else self.none()

    def that_went_into(self, proposal: "Proposal") -> "ProposalQuerySet":
        """The proposal, the one that it was split from, and all that were merged into either, one after the other."""
        found = {pk for pk in (proposal.pk, proposal.split_from_id) if pk}
        newest = found
        while newest:
            newest = set(self.model._base_manager.filter(merged_into__in=newest).values_list("pk", flat=True)) - found
            found = found | newest
        return self.filter(pk__in=found)

    def that_go_on_for(self, proposal: "Proposal") -> "ProposalQuerySet":
        """What it was split into, in order; nothing when the split was undone."""
        pieces = self.filter(split_from=proposal, split_piece__split__state="done")
        return pieces.order_by("split_piece__position")

    def awaiting_review(self) -> "ProposalQuerySet":
        return self.filter(state=Proposal.State.SUBMITTED, hidden_at=None).order_by("submitted_at")

    def unanswered(self) -> "ProposalQuerySet":
        """Sent in, and no official's answer yet: at the desk, or back with its author."""
        return self.filter(state__in=[Proposal.State.SUBMITTED, Proposal.State.RETURNED], hidden_at=None)

    def feasible(self) -> "ProposalQuerySet":
        return self.filter(state=Proposal.State.FEASIBLE, hidden_at=None)

    def for_cards(self) -> "ProposalQuerySet":
        """With everything that a card in a list shows."""
        return self.select_related("heading__cycle", "heading__poll", "district", "project__award").prefetch_related(
            "photos"
        )

    def with_cost(self) -> "ProposalQuerySet":
        """With `checked_cost`: what the newest answer of the officials says it costs."""
        newest = Review.objects.filter(proposal=models.OuterRef("pk")).order_by("-signed_at")
        return self.annotate(checked_cost=models.Subquery(newest.values("cost")[:1]))


class Proposal(models.Model):
    """A resident's idea, from draft to the officials' answer. On the ballot it becomes a project."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Sent in")
        FEASIBLE = "feasible", _("Can be built")
        UNFEASIBLE = "unfeasible", _("Cannot be built")
        WITHDRAWN = "withdrawn", _("Taken back")
        RETURNED = "returned", _("To be corrected by its author")
        LAPSED = "lapsed", _("Ended without going on")
        MERGED = "merged", _("Merged into another")
        SPLIT = "split", _("Split into several")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    heading = models.ForeignKey(Heading, on_delete=models.PROTECT, related_name="proposals")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="proposals")
    reference = models.CharField(max_length=8, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=80)
    summary = models.CharField(_("in one sentence"), max_length=200)
    text = models.TextField(_("what and why"), max_length=5000)
    place = models.CharField(_("where"), max_length=120, blank=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    category = models.CharField(_("what it is about"), max_length=20, choices=Category, default=Category.OTHER)
    cost_guess = models.BigIntegerField(_("cost, as you guess"), null=True, blank=True)  # minor units
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    draft_until = models.DateTimeField(default=draft_end)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    correct_until = models.DateTimeField(null=True, blank=True)  # while its author has it back: too late from then on
    hidden_at = models.DateTimeField(null=True, blank=True)  # by moderation
    ended_at = models.DateTimeField(null=True, blank=True)  # when it lapsed: too few had supported it in time
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from", editable=False
    )
    split_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="split_into", editable=False
    )
    support_count = models.PositiveIntegerField(
        default=0, editable=False
    )  # of its rows in Support, counted anew each time

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "submitted",
                        "feasible",
                        "unfeasible",
                        "withdrawn",
                        "returned",
                        "lapsed",
                        "merged",
                        "split",
                    ]
                ),
                name="proposals_proposal_known_state",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="proposals_proposal_has_title"),
            models.CheckConstraint(
                condition=Q(cost_guess__isnull=True) | Q(cost_guess__gt=0), name="proposals_proposal_guess_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False), name="proposals_proposal_sent_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["feasible", "unfeasible"]) | Q(decided_at__isnull=False),
                name="proposals_proposal_decided_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="lapsed", ended_at__isnull=False) | (~Q(state="lapsed") & Q(ended_at__isnull=True)),
                name="proposals_proposal_lapsed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(correct_until__isnull=False),
                name="proposals_proposal_returned_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="proposals_proposal_merged_into_one",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("pk")) & ~Q(split_from=models.F("pk")),
                name="proposals_proposal_joined_with_another",
            ),
            is_on_earth("proposals_proposal_place_on_earth"),
        ]
        indexes = [
            models.Index(fields=["heading", "state"], name="proposals_proposal_by_state"),
            # The lists that everybody sees, read from the index alone. `support_count` stays out: with it each support
            # would have to write into every index of the table.
            models.Index(
                fields=["heading", "-submitted_at", "id"],
                include=["category", "district", "state", "cost_guess", "latitude", "longitude"],
                condition=~Q(state="draft") & Q(hidden_at=None),
                name="proposals_proposal_listed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("proposals:proposal", args=[self.pk])

    @property
    def cycle(self) -> Cycle:
        return self.heading.cycle

    @property
    def category_name(self) -> str:
        return category_name(self.category)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    def is_expired(self, at: datetime | None = None) -> bool:
        """Whether this draft rested so long that it must be read again before it is sent."""
        return self.is_draft and self.draft_until <= (at or timezone.now())

    @property
    def is_late(self) -> bool:
        """Whether its author had it back to correct it and the day is over: the clock alone says so."""
        is_returned = self.state == self.State.RETURNED and self.correct_until is not None
        return is_returned and self.correct_until <= timezone.now()  # type: ignore[operator]

    @property
    def shown_photos(self) -> "list[Photo]":
        """Its photos that nobody hid."""
        return [photo for photo in self.photos.all() if photo.hidden_at is None]

    @property
    def is_selected(self) -> bool:
        """Whether it is on the ballot; whether it won is another question."""
        return hasattr(self, "project")

    @property
    def is_funded(self) -> bool:
        return self.is_selected and hasattr(self.project, "award")

    def is_written_by(self, user: Viewer) -> bool:
        return user.is_authenticated and self.author.user_id == user.pk


class Review(models.Model):
    """One official's signed answer to a proposal. A later review stands beside the earlier one, never over it."""

    class Feasibility(models.TextChoices):
        FEASIBLE = "feasible", _("Can be built")
        UNFEASIBLE = "unfeasible", _("Cannot be built")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="reviews")
    evaluator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="reviews")
    feasibility = models.CharField(_("can it be built?"), max_length=10, choices=Feasibility)
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)  # minor units
    public_reason = models.TextField(_("reason, for everybody to read"), blank=True)
    note_internal = models.TextField(_("note for colleagues"), blank=True)  # on no page that residents see
    signed_at = models.DateTimeField(default=timezone.now)
    # The second person, where the budget asks for one.
    signed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-signed_at"]
        indexes = [models.Index(fields=["proposal", "-signed_at"], include=["cost"], name="proposals_review_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=models.F("evaluator")),
                name="proposals_review_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(feasibility="feasible", cost__isnull=False, cost__gt=0) | ~Q(feasibility="feasible"),
                name="proposals_review_feasible_has_cost",
            ),
            models.CheckConstraint(
                condition=Q(feasibility="feasible") | (Q(feasibility="unfeasible") & ~Q(public_reason="")),
                name="proposals_review_unfeasible_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal.reference}: {self.feasibility}"
