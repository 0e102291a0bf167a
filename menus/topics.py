"""What residents ask about that is no booking: a closed list, each topic answered from
a fact that staff keep.
"""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """In the order of the menu; its words stand in `words/topics.toml`, its line as
    `topic_money` among the sentences.

    WHO is always answered: where staff keep no fact, by a sentence of ours.
    """

    POINT = "point"  # where Viettel is in the commune: address, hours, phone
    MONEY = "money"  # Viettel Money
    QR = "qr"  # for shops
    TUITION = "tuition"
    POWER = "power"
    WATER = "water"
    APP = "app"  # Công dân số Xứ Lạng
    SERVICES = "services"  # public services online
    SHOP = "shop"  # to sell online
    TV360 = "tv360"
    OFFERS = "offers"
    SWITCH_OFF = "switch_off"  # of 2G
    TEXT_PRICE = "text_price"
    WHO = "who"  # who writes here, and how to tell a fraud
