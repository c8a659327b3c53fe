# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several proposals become one, by the Yes of each author; or one becomes several."""

import uuid
from datetime import timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership, Viewer

from .co_sponsors import CoSponsor
from .proposals import Proposal

ANSWERED_WITHIN = timedelta(days=14)
CAN_BE_JOINED = (Proposal.State.SUBMITTED, Proposal.State.FEASIBLE)
OPEN, LAPSED = "open", "lapsed"
Asked = TypeVar("Asked", bound="Suggestion")


class SuggestionQuerySet(models.QuerySet[Asked]):
    def open(self) -> Self:
        """Those that wait for an answer; the clock alone ends them."""
        return self.filter(state=OPEN, answer_until__gt=timezone.now())


class Suggestion(models.Model):
    """What waits for the Yes of authors, and ends by itself after a day."""

    state = models.CharField(max_length=10, default=OPEN)
    suggested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    suggested_at = models.DateTimeField(default=timezone.now)
    answer_until = models.DateTimeField()  # the first moment that is too late
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """It waits for an answer, and its day has not come."""
        return self.state == OPEN and timezone.now() < self.answer_until

    def is_of_official(self) -> bool:
        """Suggested by somebody who wrote none of it."""
        raise NotImplementedError

    @property
    def is_unanswered(self) -> bool:
        """Its day came before the answer, whether that is written down already or not."""
        return self.state == LAPSED or (self.state == OPEN and not self.is_open)


class MergeQuerySet(SuggestionQuerySet["Merge"]):
    def of_co_sponsor(self, user: Viewer) -> "MergeQuerySet":
        """Those in which this person stands behind one of the proposals beside its author."""
        return self.filter(parts__proposal__co_sponsors__in=CoSponsor.objects.standing_of(user)).distinct()

    def possible(self) -> "MergeQuerySet":
        """Without those of which a proposal is no longer in the list, or on the ballot already."""
        fits = Q(proposal__state__in=CAN_BE_JOINED, proposal__hidden_at=None, proposal__project=None)
        return self.exclude(pk__in=MergePart.objects.filter(~fits).values("merge"))

    def asked_of(self, user: Viewer) -> "MergeQuerySet":
        """Those in which this person is one of the authors."""
        return self.filter(parts__proposal__author__user=user).distinct() if user.is_authenticated else self.none()

    def to_answer(self, user: Viewer) -> "MergeQuerySet":
        """Those to which this person has not said Yes as one of the authors."""
        if not user.is_authenticated:
            return self.none()
        mine = {"proposal__author__user": user, "proposal__author__left_at": None}
        return self.filter(pk__in=MergePart.objects.filter(agreed_at=None, **mine).values("merge"))


class Merge(Suggestion):
    """One proposal goes on in words that all authors agreed to, and the others point to it."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the authors")
        DONE = "done", _("Merged")
        REFUSED = "refused", _("An author said No")
        TAKEN_BACK = "taken_back", _("The suggestion was taken back")
        LAPSED = "lapsed", _("Not answered in time")
        UNDONE = "undone", _("The merge was undone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="merges_into_it")
    title = models.CharField(_("title"), max_length=80)
    summary = models.CharField(_("in one sentence"), max_length=200)
    text = models.TextField(_("what and why"), max_length=5000)
    wording = models.PositiveIntegerField(default=1)  # grows with each change of the words: a Yes is to one of them
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # of a No, or for undoing it

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-suggested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "refused", "taken_back", "lapsed", "undone"]),
                name="proposals_merge_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True) | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="proposals_merge_ended_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(state="undone") & Q(undone_at__isnull=False) & ~Q(reason=""))
                | (~Q(state="undone") & Q(undone_at__isnull=True)),
                name="proposals_merge_undone_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(answer_until__gt=models.F("suggested_at")), name="proposals_merge_gives_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("proposals:merge", args=[self.pk])

    @property
    def about(self) -> Proposal:
        return self.target

    def is_of_official(self) -> bool:
        return not self.parts.filter(proposal__author=self.suggested_by_id).exists()

    @property
    def why(self) -> str:
        return self.reason


class MergePart(models.Model):
    """One proposal in a merge, with its author's own Yes."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="parts")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="merge_parts")
    agreed_at = models.DateTimeField(null=True, blank=True)
    is_open = models.BooleanField(default=True)  # while its merge waits: a proposal is asked about one at a time
    state_before = models.CharField(max_length=10, blank=True)  # what it was when it was merged, to go back to
    decided_before = models.DateTimeField(null=True, blank=True)
    version_before = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["merge", "proposal"], name="proposals_mergepart_once"),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(is_open=True), name="proposals_mergepart_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merge_id}: {self.proposal_id}"


class SplitQuerySet(SuggestionQuerySet["Split"]):
    def of_co_sponsor(self, user: Viewer) -> "SplitQuerySet":
        """Those of a proposal behind which this person stands beside its author."""
        return self.filter(proposal__co_sponsors__in=CoSponsor.objects.standing_of(user))

    def to_answer(self, user: Viewer) -> "SplitQuerySet":
        """Those of this person's own proposals."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(proposal__author__user=user, proposal__author__left_at=None)


class Split(Suggestion):
    """One proposal ends, and several go on in its place, by its author's Yes."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the author")
        DONE = "done", _("Split")
        REFUSED = "refused", _("The author said No")
        TAKEN_BACK = "taken_back", _("The suggestion was taken back")
        LAPSED = "lapsed", _("Not answered in time")
        UNDONE = "undone", _("The split was undone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="splits")
    reason = models.CharField(_("why"), max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    state_before = models.CharField(max_length=10, blank=True)  # what the proposal was when it was split, to go back to
    decided_before = models.DateTimeField(null=True, blank=True)
    undone_because = models.CharField(_("reason"), max_length=500, blank=True)

    objects = SplitQuerySet.as_manager()

    class Meta:
        ordering = ["-suggested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(state="open"), name="proposals_split_one_at_a_time"
            ),
            models.UniqueConstraint(fields=["proposal"], condition=Q(state="done"), name="proposals_split_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="proposals_split_has_reason"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | Q(state__in=["done", "refused", "taken_back", "lapsed", "undone"], ended_at__isnull=False),
                name="proposals_split_ended_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(state="undone") & Q(undone_at__isnull=False) & ~Q(undone_because=""))
                | (~Q(state="undone") & Q(undone_at__isnull=True)),
                name="proposals_split_undone_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(answer_until__gt=models.F("suggested_at")), name="proposals_split_gives_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("proposals:split_page", args=[self.pk])

    @property
    def about(self) -> Proposal:
        return self.proposal

    def is_of_official(self) -> bool:
        return self.proposal.author_id != self.suggested_by_id

    @property
    def why(self) -> str:
        """For the newest that happened to it."""
        return self.undone_because or self.reason


class SplitPiece(models.Model):
    """One of the proposals that go on, as it was suggested, and what became of it."""

    split = models.ForeignKey(Split, on_delete=models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=80)
    summary = models.CharField(_("in one sentence"), max_length=200)
    text = models.TextField(_("what and why"), max_length=5000)
    became = models.OneToOneField(Proposal, on_delete=models.CASCADE, null=True, blank=True, related_name="split_piece")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["split", "position"], name="proposals_splitpiece_one_per_position"),
            models.CheckConstraint(condition=~Q(title=""), name="proposals_splitpiece_has_title"),
        ]

    def __str__(self) -> str:
        return self.title
