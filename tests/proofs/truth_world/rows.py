"""The rows of the four feeds: what each of their forms asks for, and how it is filled in."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from proofs.truth_world.events import Event, World
from proofs.truth_world.how import How
from proofs.truth_world.mentions import Mention, write_nobody, write_person, wrong_digit
from proofs.truth_world.placing import Placed, place_of
from proofs.truth_world.reports import Report, Written, write_common, written_time

BODIES = {
    "stop_hate_uk": ("SHUK", "casework@stophate.example.org", "01134960001"),
    "cst": ("CST", "incidents@cst.example.org", "02079460001"),
    "tell_mama": ("TM", "help@tellmama.example.org", "02079460002"),
    "galop": ("GAL", "advice@galop.example.org", "02079460003"),
    "catch": ("CAT", "advocacy@catch.example.org", "02079460004"),
}
"""The prefix of a body's references, and the mailbox and telephone number of its office."""
BODIES_OF_STRANDS = {
    "race": ("stop_hate_uk", "catch"),
    "religion": ("tell_mama", "cst", "stop_hate_uk"),
    "sexual_orientation": ("galop", "stop_hate_uk"),
    "disability": ("catch", "stop_hate_uk"),
    "transgender": ("galop",),
}
OFFENCES = {True: ("8M", "8R", "66", "8L"), False: ("8P", "105B", "9B", "58J", "8M", "9A")}


def true_vision(world: World, event: Event, how: How) -> Report:
    """A report through the portal of the police."""
    rng, common, reference = world.rng, write_common(world, event, how), world.reference("TV")
    is_victim = how.reporter is not None and how.reporter == how.victim
    given = _some(rng, name=0.97, email=0.75, phone=0.5)
    reporter = write_person(rng, how.reporter, "reporter", given) if how.reporter else None
    parts = _some(rng, name=0.9, date_of_birth=0.6, postcode=0.6)
    victim = _victim(world, how, [] if is_victim and rng.random() < 0.3 else parts)
    consents = _yes(rng, 0.8)
    placed = place_of(rng, event, how)
    if how.victim and victim and victim.cell("postcode") and consents == "yes" and not event.scene:
        placed = placed.with_home(how.victim.home)
    cells: dict[str, object] = {
        "report_ref": reference,
        "reported_at": written_time(rng, common.reported_at),
        "occurred_on": common.occurred_on,
        "is_anonymous": "no" if reporter else "yes",
        "reporter_is_victim": "yes" if is_victim else "no",
        **_columns(reporter, "reporter", "name", "email", "phone"),
        **_columns(victim, "victim", "name", "date_of_birth", "postcode"),
        "strands": "|".join(event.strands),
        **_seen(rng, event, common),
        "description": common.text,
        **placed.cells,
        "crime_reference": how.crime_reference or None,
        "is_threat_to_life": _yes(rng, 0.02),
        "consent_share_police": consents,
        "consent_share_anonymised": _yes(rng, 0.9),
        "consent_refer_support": _yes(rng, 0.4),
        "consent_contact": _yes(rng, 0.6) if reporter else "no",
    }
    merged = _merged(victim, reporter) if is_victim else victim
    return _report("true_vision_reports", reference, event, how, common, cells, (merged, reporter), placed)


def community(world: World, event: Event, how: How) -> Report:
    """A case of a reporting body, told by its worker or by somebody who called."""
    rng, common = world.rng, write_common(world, event, how)
    body = rng.choice(BODIES_OF_STRANDS[event.strands[0]])
    prefix, office_mailbox, office_phone = BODIES[body]
    reference = world.reference(prefix)
    who = how.reporter or rng.choice(world.workers)
    reporter = write_person(rng, who, "reporter", _some(rng, name=0.95, email=0.8, phone=0.6))
    victim = _victim(world, how, _some(rng, name=0.92, email=0.4, phone=0.4, date_of_birth=0.5, postcode=0.6))
    reporter_cells = _columns(reporter, "reporter", "name", "email", "phone")
    victim_cells = _columns(victim, "victim", "name", "email", "phone", "date_of_birth", "postcode")
    labels = set()
    if who in world.workers:
        labels.add("case worker reports")
        reporter_cells |= {"reporter_email": office_mailbox, "reporter_phone": office_phone}
        if victim and rng.random() < 0.25:
            labels.add("contact of the office")
            victim_cells |= {"victim_email": office_mailbox, "victim_phone": office_phone}
            victim = _without_contacts(victim)
        reporter = _without_contacts(reporter)
    consents = rng.random() < 0.8
    placed = place_of(rng, event, how)
    placed = replace(placed, labels=placed.labels | labels)
    if how.victim and victim and victim.cell("postcode") and consents and not event.scene:
        placed = placed.with_home(how.victim.home)
    cells: dict[str, object] = {
        "body_code": body,
        "case_ref": reference,
        "reported_at": written_time(rng, common.reported_at),
        "occurred_on": common.occurred_on,
        "strands": list(event.strands),
        **_seen(rng, event, common),
        "description": common.text,
        **reporter_cells,
        **victim_cells,
        **placed.cells,
        "crime_reference": how.crime_reference or None,
        "is_threat_to_life": rng.random() < 0.02,
        "consent_share_police": consents,
        "consent_share_anonymised": rng.random() < 0.9,
        "consent_refer_support": rng.random() < 0.5,
        "consent_contact": rng.random() < 0.6,
    }
    is_victim = how.reporter is not None and how.reporter == how.victim
    people = (_merged(victim, reporter) if is_victim else victim, reporter)
    return _report("community_reports", reference, event, how, common, cells, people, placed)


def volunteer(world: World, event: Event, how: How) -> Report:
    """Content that a volunteer found; nobody is named in its columns."""
    rng, common, reference = world.rng, write_common(world, event, how), world.reference("VOL")
    placed = place_of(rng, event, how)
    action = rng.choice(("reported", "reported", "counter_narrative", "support_signposted"))
    cells: dict[str, object] = {
        "report_ref": reference,
        "reported_at": written_time(rng, common.reported_at),
        "occurred_on": common.occurred_on,
        "volunteer_code": f"V{rng.randrange(90):04d}",
        "strands": "|".join(event.strands),
        "platform": common.platform or "other",
        "content_url": common.address.text if common.address else None,
        "description": common.text,
        "borough_named": placed.cells["borough_named"],
        "force_named": placed.cells["force_named"],
        "is_threat_to_life": _yes(rng, 0.02),
        "is_criminal_in_view": rng.choice(("yes", "no", "unknown")),
        "action": action,
        "reported_to_platform_at": written_time(rng, common.reported_at) if action == "reported" else None,
    }
    placed = placed.only("borough", "force")
    return _report("volunteer_reports", reference, event, how, common, cells, (), placed)


def police(world: World, event: Event, how: How) -> Report:
    """A crime that a force recorded. Its record has no text."""
    rng, common = world.rng, write_common(world, event, how)
    force = how.force or event.force
    reference = how.crime_reference or world.crime_reference(force)
    victim = _victim(world, how, _some(rng, name=0.95, date_of_birth=0.85, postcode=0.85))
    is_online = event.scene is None
    area = event.home.small_area if event.home and rng.random() < (0.7 if event.scene else 0.3) else None
    outcome = rng.choice(("0", "0", "0", "14", "16", "18"))
    cells: dict[str, object] = {
        "crime_reference": reference,
        "force_code": force,
        "recorded_at": written_time(rng, common.reported_at),
        "occurred_on": common.occurred_on,
        "occurred_to_on": None,
        "offence_code": rng.choice(OFFENCES[is_online]),
        "strands": "|".join(event.strands),
        "is_online": ("yes" if rng.random() < 0.7 else "unknown") if is_online else "no",
        "platform": common.platform if is_online and rng.random() < 0.6 else None,
        "content_url": common.address.text if common.address and is_online and rng.random() < 0.5 else None,
        "offence_lsoa_code": area,
        "hub_reference": how.hub_reference or None,
        **_columns(victim, "victim", "name", "date_of_birth", "postcode"),
        "outcome_code": outcome,
        "outcome_on": common.reported_at.date().isoformat() if outcome != "0" else None,
    }
    placed = Placed({}, {"small area": {force: 1.0}}, frozenset())
    return _report("police_hate_crimes", reference, event, how, common, cells, (victim,), placed)


def _victim(world: World, how: How, parts: list[str]) -> Mention | None:
    if how.victim is None:
        return write_nobody(world.rng, "victim") if "placeholder" in how.labels else None
    mention = write_person(world.rng, how.victim, "victim", parts)
    if how.slips_in_birthday:
        cells = {**dict(mention.cells), "date_of_birth": wrong_digit(world.rng, how.victim.born).isoformat()}
        labels = mention.labels | {"birth date with a wrong digit"}
        return replace(mention, cells=tuple(cells.items()), labels=labels)
    return mention


def _merged(victim: Mention | None, reporter: Mention | None) -> Mention | None:
    """Who reports what was done to them is told of by the columns of either part."""
    if victim is None or reporter is None:
        return victim
    labels = victim.labels | reporter.labels | ({"only as reporter"} if not victim.cells else set())
    return Mention(
        role="victim",
        person=victim.person,
        origin=victim.origin,
        cells=tuple({**dict(reporter.cells), **dict(victim.cells)}.items()),
        told=victim.told | reporter.told,
        mailbox=victim.mailbox or reporter.mailbox,
        phone=victim.phone or reporter.phone,
        labels=frozenset(labels),
    )


def _without_contacts(mention: Mention) -> Mention:
    """The same person, of whom the contacts of an office say nothing."""
    cells = tuple((part, value) for part, value in mention.cells if part not in ("email", "phone"))
    return Mention(mention.role, mention.person, mention.origin, cells, mention.told, "", "", mention.labels)


def _some(rng: Random, **chances: float) -> list[str]:
    return [part for part, chance in chances.items() if rng.random() < chance]


def _columns(mention: Mention | None, role: str, *parts: str) -> dict[str, object]:
    return {f"{role}_{part}": (mention.cell(part) or None) if mention else None for part in parts}


def _seen(rng: Random, event: Event, common: Written) -> dict[str, object]:
    """Whether it was online, and where."""
    if event.scene is not None:
        return {"is_online": "no", "platform": None, "content_url": None}
    return {
        "is_online": "yes" if common.platform or rng.random() < 0.6 else "unknown",
        "platform": common.platform,
        "content_url": common.address.text if common.address else None,
    }


def _plain_number(written: str) -> str:
    """A crime's number without the words and blanks around it."""
    return "".join(one for one in written.upper().removeprefix("CRIME REF") if one.isalnum()).lstrip("0")


def _yes(rng: Random, chance: float) -> str:
    return "yes" if rng.random() < chance else "no"


def _report(
    feed: str,
    reference: str,
    event: Event,
    how: How,
    common: Written,
    cells: Mapping[str, object],
    people: tuple[Mention | None, ...],
    placed: Placed,
) -> Report:
    mentions = tuple(one for one in people if one is not None)
    has_text, has_address = bool(cells.get("description")), bool(cells.get("content_url"))
    force = str(cells.get("force_code") or cells.get("force_named") or "")
    numbers = {_plain_number(str(cells.get("crime_reference") or "")), reference}
    numbers |= {how.hub_reference} if has_text or cells.get("hub_reference") else set()
    found = common.labels | placed.labels
    if has_text and cells.get("crime_reference") and not force:
        found |= {"crime number without force"}
    if not has_address:
        found -= {"archive copy", "link shim", "redirect", "short link", "mirror", "opaque identifier"}
        found -= {"federated instance", "profile alone", "page or thread alone"}
    return Report(
        feed=feed,
        cells=cells,
        reference=reference,
        reported_at=common.reported_at,
        occurred_on=common.occurred_on or "",
        event=event,
        mentions=mentions,
        labels=found,
        traps=how.traps,
        facts=common.told.facts if has_text else frozenset(),
        named_in_text=common.victim_in_text if has_text else "",
        post_keys=common.address.keys if common.address and has_address else frozenset(),
        references=frozenset(numbers - {""}),
        place_shares=placed.shares,
        contradicts_itself=placed.contradicts_itself,
    )


FEEDS = {
    "true_vision_reports": true_vision,
    "community_reports": community,
    "volunteer_reports": volunteer,
    "police_hate_crimes": police,
}
