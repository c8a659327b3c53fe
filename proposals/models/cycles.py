# SPDX-License-Identifier: AGPL-3.0-or-later
"""A cycle is one exercise of participatory budgeting: its calendar of phases and its pots of money."""

import uuid
from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, District, Membership, Role, Viewer
from voting.models import BallotType, Poll, Register, Secrecy

RUNNERS = [[Role.FACILITATOR.value], [Role.ADMINISTRATOR.value]]


class Category(models.TextChoices):
    """What a proposal is about. Imported projects keep the words of their own town instead."""

    STREETS = "streets", _("Streets and squares")
    GREEN = "green", _("Parks and trees")
    WHEELS = "wheels", _("Cycling and buses")
    PLAY = "play", _("Play and children")
    LEARNING = "learning", _("Schools and learning")
    CULTURE = "culture", _("Culture")
    SPORT = "sport", _("Sport")
    CARE = "care", _("Health and care")
    MEETING = "meeting", _("Meeting and making")
    OTHER = "other", _("Something else")


def category_name(category: str) -> str:
    """The category in the reader's language, or in the words that an imported file used."""
    return str(Category(category).label) if category in Category.values else category


class CycleQuerySet(models.QuerySet["Cycle"]):
    def visible_to(self, user: Viewer) -> "CycleQuerySet":
        """Published cycles of assemblies that this person may see, and unpublished ones for those who run them."""
        seen = self.filter(assembly__in=Assembly.objects.visible_to(user))
        if not user.is_authenticated:
            return seen.exclude(published_at=None)
        run = Q()
        for roles in RUNNERS:
            run |= Q(roles__contains=roles)
        mine = Membership.objects.current().filter(run, user=user).values("assembly")
        return seen.filter(Q(published_at__isnull=False) | Q(assembly__in=mine))

    def whole(self) -> "CycleQuerySet":
        """With everything that a page of the cycle shows, in three queries."""
        return self.select_related("assembly").prefetch_related(
            "phases", models.Prefetch("headings", Heading.objects.select_related("district", "group", "poll__register"))
        )


class Cycle(models.Model):
    """One participatory budget: how much, by which rule, and when. Its headings hold the money."""

    class SavingsRule(models.TextChoices):
        NEXT_PROJECT = "next_project", _("They pay for the next project on the list")
        NEXT_CYCLE = "next_cycle", _("They go into a later budget")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="cycles")
    title = models.CharField(_("title"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year"))
    summary = models.TextField(_("summary"), blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)  # whom people ask, and how
    currency = models.CharField(_("currency"), max_length=3)

    rule = models.CharField(max_length=40, default="equal-shares")  # a name in voting.tally.registry
    rule_parameters = models.JSONField(default=dict, blank=True)
    compared_rules = models.JSONField(default=list, blank=True)
    ballot_type = models.CharField(max_length=20, choices=BallotType, default=BallotType.APPROVAL)
    min_choices = models.PositiveIntegerField(default=0)
    max_choices = models.PositiveIntegerField(null=True, blank=True)
    ballot_parameters = models.JSONField(default=dict, blank=True)  # of the polls: within_budget
    change_allowed = models.BooleanField(default=True)
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy, default=Secrecy.NAMED)  # of the ballots

    savings_rule = models.CharField(max_length=20, choices=SavingsRule, default=SavingsRule.NEXT_CYCLE)

    source_name = models.CharField(max_length=200, blank=True)  # the file that an imported cycle came from
    # The same file comes in once in each assembly; of a cycle that came from none it is null, so that many have none.
    source_hash = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001
    source_country = models.CharField(max_length=80, blank=True)
    source_unit = models.CharField(max_length=120, blank=True)
    source_rule = models.CharField(max_length=60, blank=True)  # as the file names it

    rule_locked_at = models.DateTimeField(null=True, blank=True)  # from then on nobody changes how it is counted
    rule_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the rule as it was locked
    rule_reason = models.TextField(blank=True)  # why this rule, for everybody to read

    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)  # one more with each change of the plan

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ballot_type__in=BallotType.values), name="proposals_cycle_known_ballot_type"
            ),
            models.CheckConstraint(condition=Q(secrecy__in=Secrecy.values), name="proposals_cycle_known_secrecy"),
            models.CheckConstraint(
                condition=Q(max_choices__isnull=True) | Q(max_choices__gte=F("min_choices")),
                name="proposals_cycle_choices_in_order",
            ),
            models.CheckConstraint(
                condition=Q(rule_locked_at__isnull=True, rule_hash="")
                | Q(rule_locked_at__isnull=False, rule_hash__regex="^[0-9a-f]{64}$"),
                name="proposals_cycle_locked_rule_has_hash",
            ),
            models.CheckConstraint(
                condition=Q(savings_rule__in=["next_project", "next_cycle"]), name="proposals_cycle_known_savings_rule"
            ),
            models.UniqueConstraint(fields=["assembly", "source_hash"], name="proposals_cycle_one_per_file"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("proposals:cycle", args=[self.pk])

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_imported(self) -> bool:
        return self.source_hash is not None

    @property
    def amount(self) -> int:
        """All the money of the cycle, in minor units."""
        if "headings" in getattr(self, "_prefetched_objects_cache", {}):
            return sum(heading.amount for heading in self.headings.all())
        return int(self.headings.aggregate(total=Sum("amount"))["total"] or 0)

    @property
    def groups_with_pots(self) -> "list[tuple[HeadingGroup, list[Heading]]]":
        """The groups among whose pots people choose, in the order of the pots."""
        found: dict[uuid.UUID, tuple[HeadingGroup, list[Heading]]] = {}
        for heading in self.headings.all():
            if heading.group is not None:
                found.setdefault(heading.group.pk, (heading.group, []))[1].append(heading)
        return list(found.values())

    def phase(self, at: datetime | None = None) -> "Phase | None":
        """The phase that is on at this moment, or None before the first and after the last."""
        moment = at or timezone.now()
        for phase in self.phases.all():
            if phase.enabled and phase.starts_at <= moment and (phase.ends_at is None or moment < phase.ends_at):
                return phase
        return None

    def is_in(self, *kinds: str, at: datetime | None = None) -> bool:
        phase = self.phase(at)
        return phase is not None and phase.kind in kinds

    def is_ahead(self, *kinds: str, at: datetime | None = None) -> bool:
        """Whether one of these steps is on or still to come."""
        moment = at or timezone.now()
        found = [phase for phase in self.phases.all() if phase.enabled and phase.kind in kinds]
        return any(phase.ends_at is None or moment < phase.ends_at for phase in found)

    def phase_of(self, kind: str) -> "Phase | None":
        """The enabled phase of this kind, or None."""
        return next((phase for phase in self.phases.all() if phase.enabled and phase.kind == kind), None)


class Phase(models.Model):
    """A stretch of the cycle's calendar. Phases may be left out, never reordered."""

    class Kind(models.TextChoices):
        DRAFTING = "drafting", _("Preparation")
        INFORMING = "informing", _("Information")
        ACCEPTING = "accepting", _("Ideas")
        REVIEWING = "reviewing", _("Check")
        SELECTING = "selecting", _("Support")
        VALUATING = "valuating", _("Costs")
        PUBLISHING_PRICES = "publishing_prices", _("List and prices")
        BALLOTING = "balloting", _("Vote")
        REVIEWING_BALLOTS = "reviewing_ballots", _("Check of the ballots")
        FINISHED = "finished", _("Results")
        IMPLEMENTING = "implementing", _("Build")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=20, choices=Kind)
    position = models.PositiveSmallIntegerField(editable=False)  # the place of the kind in the order above
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "kind"], name="proposals_phase_one_of_each_kind"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="proposals_phase_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(kind=kind, position=place)
                        for place, kind in enumerate(
                            [
                                "drafting",
                                "informing",
                                "accepting",
                                "reviewing",
                                "selecting",
                                "valuating",
                                "publishing_prices",
                                "balloting",
                                "reviewing_ballots",
                                "finished",
                                "implementing",
                            ]
                        )
                    ),
                    _connector=Q.OR,
                ),
                name="proposals_phase_known_kind_in_its_place",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="never_reordered",  # asked at the end of the transaction, as a calendar moves row by row
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM proposals_phase early JOIN proposals_phase late
                        ON late.cycle_id = early.cycle_id AND late.position > early.position
                        WHERE early.cycle_id = NEW.cycle_id AND early.enabled AND late.enabled
                        AND late.starts_at < coalesce(early.ends_at, early.starts_at)
                    ) THEN
                        RAISE EXCEPTION 'steps of a budget may be left out, never reordered';
                    END IF;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


PHASE_ORDER = {kind: place for place, kind in enumerate(Phase.Kind.values)}
# While officials look at what was sent in, until the list for the ballot stands.
CHECKING = (Phase.Kind.REVIEWING, Phase.Kind.SELECTING, Phase.Kind.VALUATING, Phase.Kind.PUBLISHING_PRICES)


class HeadingGroup(models.Model):
    """Pots of a cycle among which each voter chooses: they vote in at most so many of them. The ballots share a register."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="groups")
    title = models.CharField(_("title"), max_length=80)
    max_headings = models.PositiveSmallIntegerField(default=1)  # in which each voter may vote
    register = models.OneToOneField(
        Register, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "title"], name="proposals_headinggroup_one_per_title"),
            models.CheckConstraint(condition=Q(max_headings__gte=1), name="proposals_headinggroup_one_vote_at_least"),
        ]

    def __str__(self) -> str:
        return self.title


class Heading(models.Model):
    """A pot of money in a cycle, for a territory or a theme. Its ballot is one poll."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="headings")
    title = models.CharField(_("title"), max_length=120)
    amount = models.BigIntegerField(_("amount"))  # minor units of the cycle's currency
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="headings")
    group = models.ForeignKey(HeadingGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="headings")
    is_citywide = models.BooleanField(default=False)  # everybody votes in it besides, whatever the groups allow
    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, null=True, blank=True, related_name="heading")
    position = models.PositiveSmallIntegerField(default=0)
    minimum_votes = models.PositiveIntegerField(null=True, blank=True)  # who has fewer is never funded
    district_floors = models.JSONField(default=dict, blank=True)  # name of a district -> minor units set aside for it
    rival_sets = models.JSONField(default=list, blank=True)  # lists of project numbers, at most one of each is funded

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "title"], name="proposals_heading_one_per_title"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_heading_has_money"),
            models.CheckConstraint(
                condition=Q(minimum_votes__isnull=True) | Q(minimum_votes__gt=0),
                name="proposals_heading_minimum_above_zero",
            ),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(is_citywide=True), name="proposals_heading_one_citywide"
            ),
            models.CheckConstraint(
                condition=Q(is_citywide=False) | Q(district__isnull=True, group__isnull=True),
                name="proposals_heading_citywide_is_for_all",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="group_of_its_cycle",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("group_id", "cycle_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__group_id__isnull=False),
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (
                        SELECT FROM proposals_headinggroup WHERE id = NEW.group_id AND cycle_id = NEW.cycle_id
                    ) THEN
                        RAISE EXCEPTION 'a pot is in a group of its own budget';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title
