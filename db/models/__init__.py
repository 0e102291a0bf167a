"""Every table, gathered by what it remembers. Instants are UTC milliseconds, days are
local ISO dates.
"""

from db.models.base import metadata
from db.models.bookings import (
    INTERNAL,
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
    school_notices,
)
from db.models.information import commune_facts, fact_tallies
from db.models.messages import (
    LAST_WORD,
    UNREAD,
    attempts,
    breakers,
    clocks,
    messages,
    sessions,
    stops,
    wishes,
)
from db.models.office import (
    audit,
    installation,
    sent_forms,
    sign_ins,
    staff,
    tasks,
)
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
from db.models.progress import (
    conversions,
    counted,
    indicators,
    kept_figures,
    log_checks,
    month_tallies,
    tallies,
    targets,
)
from db.models.registers import (
    app_answers,
    class_counts,
    classes,
    parents,
    round_homes,
    visits,
)
from db.models.reports import report_heads, reports
from db.models.requests import (
    TAKEN_BACK,
    lessons,
    opinions,
    request_acts,
    request_numbers,
    requests,
)
from db.models.sessions_held import attendances, event_services, head_counts

__all__ = [
    "INTERNAL", "LAST_WORD", "LIVE", "OFFERS_STOP_MS", "SEATED", "TAKEN_BACK", "TURNED", "UNREAD", "WHO_WAITS",
    "app_answers", "attempts",
    "attendances", "audiences", "audit", "bookings", "breakers", "broadcast_acts", "broadcast_words",
    "broadcasts", "businesses", "class_counts", "classes", "clocks", "commune_facts", "commune_names",
    "communes", "consents", "conversions", "counted", "event_services", "events", "fact_tallies", "facts",
    "firings", "halls", "hamlet_aliases", "hamlets", "head_counts", "holidays", "households", "indicators",
    "installation", "kept_figures", "lessons", "log_checks", "messages", "metadata", "month_tallies",
    "name_ends", "opinions", "paces", "parents", "people", "plan_notes", "programmes", "rating_tallies",
    "ratings", "recipients", "report_heads", "reports", "request_acts", "request_numbers", "requests",
    "round_homes", "schemes", "school_notices", "sent_forms", "sessions", "sign_ins", "slots", "staff", "stops", "tac",
    "tallies", "targets", "tasks", "verifications", "visits", "wishes",
]  # fmt: skip
