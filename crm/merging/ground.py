"""What becomes of the ground floor's own tables that know records by kind and id, when records are merged."""

from __future__ import annotations

from crm import sharing
from crm.demo_labels import DemoLabel
from crm.duplicates import MatchKey, Suggestion
from crm.events import Event, Held
from crm.mailing.rows import OutgoingMail
from crm.merging.registry import HISTORY, MOVED, REBUILT, reference
from crm.models import Share
from crm.notifications.rows import Notification
from crm.receiving.rows import MailThread
from crm.undo import UndoEntry

reference(
    Share, "record_id", how=MOVED, move=sharing.move, because="whoever was let in to one of them is let in to the one"
)
reference(MatchKey, "record", how=REBUILT, because="keys follow from the records that are live, crm.duplicates.keep")
for side in ("left", "right"):
    because = "a pair with a tombstone is out of sight, and there again with its answer when it is taken apart"
    reference(Suggestion, side, how=HISTORY, because=because)
reference(Event, "record_id", how=HISTORY, because="it happened to that record; listeners fetch it by its id")
reference(Held, "record_id", how=HISTORY, because="it keeps the events of one record in their order")
reference(OutgoingMail, "about_id", how=HISTORY, because="evidence of what was sent; its links lead on")
reference(Notification, "record_id", how=HISTORY, because="what was told then; its link leads on")
reference(MailThread, "record_id", how=HISTORY, because="its address is out in the world; crm.receiving leads on")
reference(UndoEntry, "row_id", how=HISTORY, because="the journal is what undo reads")
reference(DemoLabel, "record_id", how=HISTORY, because="what is known of made-up data, to measure by")
