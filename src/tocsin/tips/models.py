"""Tips as they came (sealed), what was read in them, and the reporter's copy of the state."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tocsin.accounts.models import User
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.lib.ids import public_id


class TipState(models.TextChoices):
    """received -> opened -> actionable | not actionable -> closed."""

    RECEIVED = "received"
    OPENED = "opened"
    ACTIONABLE = "actionable"
    NOT_ACTIONABLE = "not_actionable"
    CLOSED = "closed"


class Consent(models.TextChoices):
    """Whether the reporter lets the contact go to police. Asked in the mailbox, answered there or not at all."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"


class Campaign(models.Model):
    """A campaigner's own way in: `/c/NAME`. Its totals are figures, never a reporter (statistics/)."""

    name = models.CharField(max_length=40, unique=True)  # in the address: a-z, 0-9 and hyphens
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    title = models.CharField(max_length=120)  # as the page and the poster name it
    active = models.BooleanField(default=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="campaigns")  # may forward tips
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()


class ApiClient(models.Model):
    """A machine with a key, which is shown once; what is kept is a digest of it.

    `acts_as` is the person whose rights a key has that reads or changes cases (design 5.5).
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    name = models.CharField(max_length=120)
    key_digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)  # tips:write, tips:read; cases:read, cases:write
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+")
    acts_as = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class SharedBody(models.Model):
    """One sealed text that many equal tips of a storm point to (`tips/accept.py`)."""

    text_tag = models.CharField(max_length=32, unique=True)
    sealed = models.BinaryField()
    at = models.DateTimeField()


class Tip(models.Model):
    """One tip. Everything a person wrote is sealed; times, codes and states are plain (design 5.1)."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    source = models.CharField(max_length=20)  # web, share, phone, letter, api, email, chat, import, campaign
    mailbox_tag = models.CharField(max_length=32, unique=True)  # derived from the receipt
    mailbox_key = models.BinaryField(max_length=32)  # public half of the receipt's key
    box_tag = models.CharField(
        max_length=32, default="", db_default="", blank=True
    )  # the mailbox it is read in
    sent_tag = models.CharField(max_length=32, default="", db_default="", blank=True)  # tells a retry
    text_tag = models.CharField(
        max_length=32, default="", db_default="", blank=True
    )  # keyed: equal texts, equal tags
    narrative_sealed = models.BinaryField(null=True)  # NULL: the text is in `body`
    body = models.ForeignKey(SharedBody, models.PROTECT, null=True, related_name="tips")
    contact_sealed = models.BinaryField(null=True)
    contact_tag = models.CharField(max_length=32, default="", blank=True)
    sender_sealed = models.BinaryField(null=True)
    sender_tag = models.CharField(max_length=32, default="", blank=True)
    city_sealed = models.BinaryField(null=True)
    where = models.CharField(max_length=20, default="", blank=True)
    what = models.CharField(max_length=20, default="", blank=True)
    danger = models.CharField(max_length=10, default="", blank=True)  # yes, unsure, no or not asked
    about = models.CharField(max_length=10, default="", blank=True)  # me, known, no or not asked
    place = models.CharField(max_length=2, default="", blank=True)  # ISO country code the reporter chose
    language = models.CharField(max_length=10, default="", blank=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="tips")
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, related_name="tips")
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # call-taker or campaigner
    network = models.BigIntegerField(
        null=True
    )  # random number of this hour's network bucket; erased after a day
    pictures_cut = models.PositiveIntegerField(
        default=0, db_default=0
    )  # data URIs and base64 taken out of the text
    occurred_at = models.DateTimeField(null=True)
    time_doubtful = models.BooleanField(default=False, db_default=False)  # said to be long ago, or to come
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=15, choices=TipState.choices, default=TipState.RECEIVED)
    not_actionable_why = models.CharField(max_length=20, default="", db_default="", blank=True)
    contact_consent = models.CharField(
        max_length=5, choices=Consent.choices, default="", db_default="", blank=True
    )
    consent_at = models.DateTimeField(null=True)
    wrote_at = models.DateTimeField(null=True)  # when the reporter last wrote in the mailbox
    opened_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, default="", blank=True)  # code of the sentence released
    outcome_released_at = models.DateTimeField(null=True)
    outcome_released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    copy_due = models.BooleanField(default=False, db_default=False)  # reporter's copy is out of date

    class Meta:
        indexes = [
            models.Index(fields=["received_at"]),
            models.Index(fields=["contact_tag"]),
            models.Index(fields=["box_tag"]),
            models.Index(fields=["sender_tag"], name="tips_of_a_sender", condition=~Q(sender_tag="")),
            models.Index(fields=["text_tag"], name="tips_of_a_text", condition=~Q(text_tag="")),
            models.Index(fields=["recorded_at"], name="networks_kept", condition=Q(network__isnull=False)),
            models.Index(fields=["id"], name="copies_due", condition=Q(copy_due=True)),
            models.Index(fields=["id"], name="tips_in_danger", condition=Q(danger="yes")),
        ]
        constraints = [
            models.CheckConstraint(name="danger_code", condition=Q(danger__in=["", "yes", "unsure", "no"])),
            models.CheckConstraint(
                name="outcome_released_by_a_person",
                condition=Q(outcome="")
                | Q(outcome_released_by__isnull=False, outcome_released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="one_text",
                condition=Q(narrative_sealed__isnull=False, body__isnull=True)
                | Q(narrative_sealed__isnull=True, body__isnull=False),
            ),
        ]


class Reading(models.Model):
    """That the text of a tip was read for identifiers, with which data, and what else was found."""

    tip = models.OneToOneField(Tip, models.CASCADE)
    data_version = models.CharField(max_length=40)
    found = models.PositiveIntegerField(default=0)
    truncated = models.BooleanField(default=False)
    facts_sealed = models.BinaryField(null=True)  # {"observations": [...], "cities": [...]}
    at = models.DateTimeField()


class Mention(models.Model):
    """A tip names an identifier, in a role. A child's or reporter's identifier is kept sealed, not as a row."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="mentions")
    identifier = models.ForeignKey(Identifier, models.PROTECT, null=True, related_name="mentions")
    identifier_sealed = models.BinaryField(null=True)  # JSON of kind, platform, canonical
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    strength = models.CharField(max_length=6)
    data_version = models.CharField(max_length=40)
    rule = models.CharField(max_length=80)
    start = models.PositiveIntegerField()  # offsets into the raw narrative, code points
    end = models.PositiveIntegerField()
    cue = models.CharField(max_length=10, default="", blank=True)  # self, victim, addressed
    role = models.CharField(max_length=10, choices=MentionRole.choices, default=MentionRole.UNKNOWN)
    role_set_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # NULL: software proposed
    role_set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tip", "identifier"], name="one_mention_a_tip"),
            models.CheckConstraint(
                name="children_and_reporters_sealed",
                condition=Q(role__in=SEALED_ROLES, identifier__isnull=True, identifier_sealed__isnull=False)
                | (~Q(role__in=SEALED_ROLES) & Q(identifier__isnull=False, identifier_sealed__isnull=True)),
            ),
            models.CheckConstraint(
                name="reported_by_a_person", condition=~Q(role="reported") | Q(role_set_by__isnull=False)
            ),
        ]


class ReporterCopy(models.Model):
    """What the door shows to the receipt's owner: sealed for the receipt's key by the worker."""

    tag = models.CharField(max_length=32, unique=True)
    box_tag = models.CharField(max_length=32, default="", db_default="", blank=True, db_index=True)
    sealed = models.BinaryField()
    updated_at = models.DateTimeField()


class Message(models.Model):
    """One message of a mailbox, sealed twice: to the hotline, and to the key that the receipt derives.

    The door only inserts and reads the reporter's copy; what an inward message changes is applied by the worker.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    box_tag = models.CharField(max_length=32, db_index=True)  # the mailbox: a tip's or an objection's
    outward = models.BooleanField()  # from the hotline to the reporter
    kind = models.CharField(max_length=12, default="text")  # text, consent_ask, consent_yes, consent_no
    sealed = models.BinaryField()  # to the hotline
    copy_sealed = models.BinaryField()  # to the reporter
    sent_tag = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001 - NULL: no form sent it
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)  # inward: when the worker took note
    read_at = models.DateTimeField(null=True)  # inward: when a person of the hotline read it
    announced_at = models.DateTimeField(null=True)  # outward: when a left address was told that it is there

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="messages_to_apply", condition=Q(outward=False, applied_at__isnull=True)
            ),
            models.Index(
                fields=["id"],
                name="messages_to_announce",
                condition=Q(outward=True, announced_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="hotline_messages_have_an_author", condition=Q(outward=False) | Q(author__isnull=False)
            ),
            models.CheckConstraint(
                name="message_kind",
                condition=Q(kind__in=["text", "consent_ask", "consent_yes", "consent_no"]),
            ),
        ]


class HandOver(models.Model):
    """A one-time link by which a campaigner gives the mailbox of a forwarded message to who wrote it."""

    tag = models.CharField(max_length=32, unique=True)  # of the link's token
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="hand_overs")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()


class Claim(models.Model):
    """The first to open a hand-over link owns the mailbox: written by the door, applied by the worker."""

    hand_over_tag = models.CharField(max_length=32, unique=True)
    box_tag = models.CharField(max_length=32)
    mailbox_key = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)


class ObjectionState(models.TextChoices):
    """received -> opened -> answered -> closed."""

    RECEIVED = "received"
    OPENED = "opened"
    ANSWERED = "answered"
    CLOSED = "closed"


class Objection(models.Model):
    """ "I was reported": sealed, with a mailbox. It joins nothing and says nothing about what is known."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    box_tag = models.CharField(max_length=32, unique=True)
    mailbox_key = models.BinaryField(max_length=32)
    sent_tag = models.CharField(max_length=32, default="", db_default="", blank=True)
    text_sealed = models.BinaryField()
    contact_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=ObjectionState.choices, default=ObjectionState.RECEIVED)
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()


class SenderMark(models.Model):
    """A sender whose tips repeatedly abused the hotline: stored as ever, but in the low lane."""

    tag = models.CharField(max_length=32)  # sender_tag or contact_tag of tips
    why = models.CharField(max_length=20)
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tag"], name="one_mark_a_sender", condition=Q(lifted_at__isnull=True)
            )
        ]


class Switch(models.Model):
    """A thing that an administrator switched on or off, with the reason. Off where there is no row."""

    name = models.CharField(max_length=40, unique=True)  # fingerprint_a_file
    on = models.BooleanField(default=False)
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()


class MailSeen(models.Model):
    """One message of the tip mailbox (IMAP), so that nothing is taken twice."""

    folder = models.CharField(max_length=120)
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    result = models.CharField(max_length=20)  # tip, reply, empty, automatic, refused
    pictures = models.PositiveIntegerField(default=0)  # attachments that were not fetched
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folder", "uid_validity", "uid"], name="one_look_a_mail")
        ]


class MailAnswer(models.Model):
    """That a sender was answered on a day: one automatic answer a sender a day (RFC 3834)."""

    sender_tag = models.CharField(max_length=32)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender_tag", "day"], name="one_answer_a_day")]
