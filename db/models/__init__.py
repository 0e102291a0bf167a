"""Every table, gathered by what it remembers. Instants are UTC milliseconds, days are local ISO dates."""

from db.models.base import metadata
from db.models.bookings import (
    LIVE,
    OFFERS_STOP_MS,
    SEATED,
    WHO_WAITS,
    bookings,
    events,
    holidays,
    rating_tallies,
    ratings,
    slots,
    verifications,
)
from db.models.broadcasts import (
    audiences,
    broadcast_acts,
    broadcast_words,
    broadcasts,
    firings,
    paces,
    recipients,
)
from db.models.information import commune_facts, fact_tallies
from db.models.messages import (
    UNREAD,
    attempts,
    breakers,
    clocks,
    messages,
    sessions,
    stops,
    wishes,
)
from db.models.office import audit, installation, sign_ins, staff, tasks
from db.models.people import (
    TURNED,
    businesses,
    consents,
    facts,
    households,
    name_ends,
    people,
)
from db.models.places import (
    commune_names,
    communes,
    halls,
    hamlet_aliases,
    hamlets,
    programmes,
    schemes,
    tac,
)
from db.models.plan import plan_notes
from db.models.progress import conversions, counted, indicators, tallies, targets
from db.models.registers import app_answers, class_counts, classes, parents, visits
from db.models.requests import opinions, request_acts, request_numbers, requests
from db.models.sessions_held import attendances, event_services, head_counts

__all__ = [
    "LIVE", "OFFERS_STOP_MS", "SEATED", "TURNED", "UNREAD", "WHO_WAITS", "app_answers", "attempts", "attendances",
    "audiences", "audit", "bookings", "breakers", "broadcast_acts", "broadcast_words", "broadcasts", "businesses",
    "class_counts", "classes", "clocks", "commune_facts", "commune_names", "communes", "consents", "conversions",
    "counted", "event_services", "events", "fact_tallies", "facts", "firings", "halls", "hamlet_aliases", "hamlets",
    "head_counts", "holidays", "households", "indicators", "installation", "messages", "metadata", "name_ends",
    "opinions", "paces", "parents", "people", "plan_notes", "programmes", "rating_tallies", "ratings", "recipients",
    "request_acts", "request_numbers", "requests", "schemes", "sessions", "sign_ins", "slots", "staff", "stops",
    "tac", "tallies", "targets", "tasks", "verifications", "visits", "wishes",
]  # fmt: skip
