"""Kinds of requests: whom each is told to outside the commune, and what counts where
it is done.
"""

from __future__ import annotations

from collections.abc import Mapping

from db.models.states import RequestKind

# what the operator's agent can do
OPERATOR_KINDS = (
    RequestKind.QR,
    RequestKind.ACCOUNT,
    RequestKind.TV360,
)
# somebody outside the commune calls, where the resident agreed
TOLD_KINDS = (
    *OPERATOR_KINDS,
    RequestKind.SCHOOL,
)
# What counts where such a request is done, by its key in the plan; a QR is the shop's,
# TV360 the household's.
DONE_BY: Mapping[str, str] = {
    RequestKind.ACCOUNT: "money_person",
    RequestKind.APP: "app_citizen",
    RequestKind.TV360: "tv360",
    RequestKind.QR: "business_qr",
}
