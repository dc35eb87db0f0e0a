"""Where a mobile number was issued."""

VIRTUAL = ("162", "165", "167", "170", "171")


def home(number: str, area: str) -> str:
    """委员会决定: a hint only: local, away, virtual (a reseller's segment), or empty when it is not known.

    Numbers move with their owners between companies and cities; nobody is refused for this.
    """
    if number.startswith(VIRTUAL):
        return "virtual"
    place = _place(number) if area else ""
    if not place:
        return ""
    return "local" if area.removesuffix("市") in place or place in area else "away"


def _place(number):
    """The city a number was issued in; empty where only a province, or nothing, is known."""
    # Its tables take tens of megabytes: only the process that sends codes carries them.
    import phonenumbers
    from phonenumbers import geocoder

    place = geocoder.description_for_number(phonenumbers.parse(number, "CN"), "zh")
    return place if place not in ("", "中国") and not place.endswith(("省", "自治区")) else ""
