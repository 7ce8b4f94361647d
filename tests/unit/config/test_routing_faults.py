"""What is wrong with rules, reason codes, types and branches is told at load: line, cause, the nearest right."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.config.load import load
from maild.config.routing_tables import Branch, CaseType, Expect, Priorities, Reason, Routing, Rule, Then, When
from maild.config.section import Section, keys_of
from maild.errors import ConfigError

DESK = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "billing"
addresses = ["billing@example.com"]
[[agent]]
name = "Anna"
address = "anna@example.com"
[[team]]
name = "service"
[[organisation]]
name = "Acme"
domains = ["acme.example"]
groups = ["key accounts"]
tags = ["vip"]
"""
FIRST = DESK.count("\n") + 1

SPAM = "then = { spam = true }\n"
TO_BILLING = 'then = { queue = "billing" }\n'


def rule(lines: str, name: str = "r") -> str:
    """A rule whose own lines begin in the third line."""
    return f'[[rule]]\nname = "{name}"\n{lines}'


def when(conditions: str) -> str:
    """A rule whose conditions stand in the third line."""
    return rule(f"when = {{ {conditions} }}\n{TO_BILLING}")


def then(actions: str) -> str:
    """A rule for every mail whose actions stand in the third line."""
    return rule(f"then = {{ {actions} }}\n")


def with_test(test: str) -> str:
    """A rule with a test that begins in the fifth line."""
    return rule(f"{TO_BILLING}[[rule.test]]\n{test}\n")


MAIL = 'mail = """From: x@acme.example\nSubject: y\n\nz"""\n'  # four lines

# what is written: the line (counted from the first of the case), the key, and the whole message
CASES: dict[str, tuple[str, int, str, str]] = {
    # rules
    "no name": (
        f"[[rule]]\n{TO_BILLING}", 1, "rule.name", "is missing; Its name; tickets show it.",
    ),
    "two of a name": (
        rule(TO_BILLING) + rule(TO_BILLING, "R"), 5, "rule.name",
        f"r is also in line {FIRST + 1}; give each rule its own",
    ),
    "an unknown key": (
        rule(f"untill = 2026-12-31\n{TO_BILLING}"), 3, "rule.untill", "there is no such key; did you mean until?",
    ),
    "an action beside then": (
        rule(f'tags = ["x"]\n{TO_BILLING}'), 3, "rule.tags", "there is no such key here; it belongs to then",
    ),
    "a condition beside when": (
        rule(f'sender = "*@x.example"\n{TO_BILLING}'), 3, "rule.sender",
        "there is no such key here; it belongs to when",
    ),
    "include below a table": (
        rule(f'{TO_BILLING}include = ["rules/*.toml"]\n'), 4, "rule.include",
        "there is no such key here; it stands at the top of the main file, above all tables",
    ),
    "one bracket": (
        '[rule]\nname = "r"', 1, "rule", "wrong kind of table; write [[rule]], with two brackets, for each",
    ),
    "nothing is done": (
        rule('when = { words = "x" }\n'), 2, "rule.name",
        'the rule does nothing; add then = { queue = "..." }, say, or stop = true',
    ),
    "a German date": (
        rule(f'until = "31.12.2026"\n{TO_BILLING}'), 3, "rule.until",
        "'31.12.2026' is not a day; did you mean 2026-12-31?",
    ),
    "a date with a time": (
        rule(f"until = 2026-12-31 10:00:00\n{TO_BILLING}"), 3, "rule.until",
        "2026-12-31 10:00:00 is not a day; write it like 2026-12-24",
    ),
    # conditions
    "an unknown condition": (
        when('sbject = "x"'), 3, "rule.when.sbject", "there is no such key; did you mean subject?",
    ),
    "an unknown condition, deep inside": (
        when('any = [{ words = "x" }, { not = { all = [{ sbject = "x" }] } }]'), 3, "rule.when.any.not.all.sbject",
        "there is no such key; did you mean subject?",
    ),
    "an unknown condition in a table of its own": (
        rule(f'{TO_BILLING}[rule.when.not]\nwords = "x"\nsbject = "x"\n'), 6, "rule.when.not.sbject",
        "there is no such key; did you mean subject?",
    ),
    "an unknown condition in one of many lines": (
        rule(f'{TO_BILLING}[rule.when]\nall = [\n  {{ words = "x" }},\n  {{ sbject = "x" }},\n]\n'), 7,
        "rule.when.all.sbject", "there is no such key; did you mean subject?",
    ),
    "an action among the conditions": (
        when('team = "service"'), 3, "rule.when.team", "there is no such key here; it belongs to then",
    ),
    "a key of another table": (
        when('timezone = "UTC"'), 3, "rule.when.timezone",
        "there is no such key here; it belongs to [desk] or [agent] or [organisation] or [calendar]",
    ),
    "a condition that asks for nothing": (
        when("words = []"), 3, "rule.when.words", "the list is empty; give at least one, or leave the key out",
    ),
    "an empty table of conditions": (
        when('words = "x", not = {}'), 3, "rule.when.not", "there is no condition in it; add one, or leave it out",
    ),
    "conditions too deep": (
        when("not = { " * 11 + 'words = "x"' + " }" * 11), 3, "rule.when",
        "all, any and not stand within one another deeper than 10; make two rules of it",
    ),
    "a number for words": (
        when("words = 7"), 3, "rule.when.words", 'wrong type; it must be text in quotes, such as "text"',
    ),
    "an unknown queue": (
        when('queue = "biling"'), 3, "rule.when.queue", "there is no queue 'biling'; did you mean billing?",
    ),
    "an unknown customer": (
        when('customer = ["Acmee"]'), 3, "rule.when.customer", "there is no organisation 'Acmee'; did you mean Acme?",
    ),
    "an unknown group": (
        when('group = ["key acounts"]'), 3, "rule.when.group",
        "there is no group of organisations 'key acounts'; did you mean key accounts?",
    ),
    "a tag that looks like another": (
        when('tag = ["vipp"]'), 3, "rule.when.tag", "nothing has or gives the tag 'vipp'; did you mean vip?",
    ),
    "an unknown kind": (
        when('kind = "auto-reply"'), 3, "rule.when.kind",
        "there is no kind of mail 'auto-reply'; did you mean auto_reply?",
    ),
    "an unknown authenticity": (
        when('authenticity = "passed"'), 3, "rule.when.authenticity",
        "there is no authenticity 'passed'; did you mean pass?",
    ),
    "a language by its name": (
        when('language = ["en", "German"]'), 3, "rule.when.language", "there is no language 'German'; did you mean de?",
    ),
    "a language with a country": (
        when('language = "de-AT"'), 3, "rule.when.language", "there is no language 'de-AT'; did you mean de?",
    ),
    "an unknown reason code": (
        when('reason = "misssing_part"'), 3, "rule.when.reason",
        "there is no reason code 'misssing_part'; did you mean missing_part?",
    ),
    "an unknown type": (
        when('type = "incdent"'), 3, "rule.when.type", "there is no type 'incdent'; did you mean incident?",
    ),
    "an unknown case type": (
        when('case_type = "repare"'), 3, "rule.when.case_type",
        "there is no case type 'repare'; did you mean repair?",
    ),
    "an unknown priority": (
        when('priority = "hihg"'), 3, "rule.when.priority", "there is no priority 'hihg'; did you mean high?",
    ),
    "an unknown calendar": (
        when('outside = "24/7"'), 3, "rule.when.outside", "there is no calendar '24/7'; did you mean 24x7?",
    ),
    "open and closed at once": (
        when('during = "24x7", outside = "24x7"'), 3, "rule.when.outside",
        "never holds together with during = '24x7'; leave out one of the two",
    ),
    "no file, and a large one": (
        when('has_attachment = false, attachment_over = "5 MiB"'), 3, "rule.when.has_attachment",
        "never holds together with attachment_over; leave out one of the two",
    ),
    "a size that is none": (
        when('attachment_over = "5 MB"'), 3, "rule.when.attachment_over",
        "'5 MB' is not a size; write it like 25 MiB, 256 KiB or 1048576",
    ),
    "the end of a file's name": (
        when('attachment = ".exe"'), 3, "rule.when.attachment",
        "a file that is called '.exe' is rare; did you mean *.exe?",
    ),
    "half a type": (
        when('attachment_type = "pdf"'), 3, "rule.when.attachment_type",
        "no type is 'pdf'; did you mean */pdf or pdf/*?",
    ),
    "a domain for a sender": (
        when('sender = "acme.example"'), 3, "rule.when.sender",
        "no address is 'acme.example'; did you mean *@acme.example?",
    ),
    "an address for a domain": (
        when('domain = "anna@acme.example"'), 3, "rule.when.domain",
        "'anna@acme.example' is not a domain; write it like example.com",
    ),
    "a header that is none": (
        when('header = { "X Shop" = "a" }'), 3, "rule.when.header.X Shop",
        "'X Shop' is no name of a header; write it like X-Shop",
    ),
    "a score that is never reached": (
        when('score = { words = { a = 2, b = 1, c = -5 }, at_least = 4 }'), 3, "rule.when.score.at_least",
        "all words together come to 3 only; write at most that, or give them more",
    ),
    "a score without a threshold": (
        when("score = { words = { a = 2 } }"), 3, "rule.when.score.at_least",
        "is missing; What they must come to together.",
    ),
    "a star in the middle": (
        when('words = ["refund*", "re*fund"]'), 3, "rule.when.words",
        "'re*fund': a star may stand only at its beginning or at its end; write two keywords, or a regular expression",
    ),
    "a keyword that fits too much": (
        when('subject = "a*"'), 3, "rule.when.subject",
        "'a*' fits too many words; a keyword with this star has at least 2 letters",
    ),
    "a keyword of a score": (
        when('score = { words = { "?!" = 2 }, at_least = 1 }'), 3, "rule.when.score.words.?!",
        "'?!': it has no letter and no digit; write a word or a phrase",
    ),
    "one of many keywords over many lines": (
        rule(f'{TO_BILLING}[rule.when]\nwords = [\n  "refund*",\n  "*",\n  "money back",\n]\n'), 7, "rule.when.words",
        "'*': it has no letter and no digit; write a word or a phrase",
    ),
    "a regular expression that looks ahead": (
        when("regex = ['ok', 'a(?=b)']"), 3, "rule.when.regex",
        ("""'a(?=b)': "(?=" at character 2 is not possible, for it looks ahead; write what must be there, or a"""
        " second condition (not, all)"),
    ),
    "a regular expression that refers back": (
        when(r"text_regex = '(a)\1'"), 3, "rule.when.text_regex",
        (r"""'(a)\\1': "\1" at character 4 refers back to a group, which is not possible; write the text twice,"""
        " or two conditions"),
    ),
    "a regular expression that is none": (
        when("any = { subject_regex = '(' }"), 3, "rule.when.any.subject_regex",
        """'(': "(" at character 1 is never closed; write the missing ")\"""",
    ),
    # actions
    "an unknown action": (
        then('qeue = "billing"'), 3, "rule.then.qeue", "there is no such key; did you mean queue?",
    ),
    "a queue that is not there": (
        then('queue = "parts"'), 3, "rule.then.queue", "there is no queue 'parts'; there are billing, support",
    ),
    "a team that is not there": (
        then('team = "servise"'), 3, "rule.then.team", "there is no team 'servise'; did you mean service?",
    ),
    "an agent who is none": (
        then('assignee = "ana@example.com"'), 3, "rule.then.assignee",
        "ana@example.com is no agent; did you mean anna@example.com?",
    ),
    "a word for nobody": (
        then('assignee = "branch manager"'), 3, "rule.then.assignee",
        "'branch manager' is nobody; did you mean branch_manager?",
    ),
    "an unknown strategy": (
        then('assign = "round robin"'), 3, "rule.then.assign",
        "there is no way to assign 'round robin'; did you mean round_robin?",
    ),
    "an assignee and a strategy": (
        then('assignee = "anna@example.com", assign = "least_loaded"'), 3, "rule.then.assign",
        "there is already assignee, who gets it; keep one of the two",
    ),
    "a fixed agent who is not named": (
        then('assign = "fixed"'), 3, "rule.then.assign", "which agent is fixed? Add assignee, with an agent's address",
    ),
    "a skill that nobody has": (
        then('skill = "welding"'), 3, "rule.then.skill", 'no agent has skills; add skills = ["welding"] to [[agent]]',
    ),
    "a skill that nobody has, but another": (
        then('skill = "weldin"') + '[[agent]]\nname = "B"\naddress = "b@example.com"\nskills = ["Welding"]', 3,
        "rule.then.skill", "there is no skill 'weldin'; did you mean welding?",
    ),
    "an unknown change of priority": (
        then('priority = "rise"'), 3, "rule.then.priority", "there is no priority 'rise'; did you mean raise?",
    ),
    "an unknown urgency": (
        then('urgency = "hgh"'), 3, "rule.then.urgency", "there is no level 'hgh'; did you mean high?",
    ),
    "an unknown policy": (
        then('policy = "standart"'), 3, "rule.then.policy", "there is no policy 'standart'; did you mean standard?",
    ),
    "an unknown letter": (
        then('template = "acknowledgment"'), 3, "rule.then.template",
        "there is no letter 'acknowledgment'; did you mean acknowledgement?",
    ),
    "a tag of two words": (
        then('tags = ["very important"]'), 3, "rule.then.tags",
        "'very important' cannot be a tag; write one word, such as very-important",
    ),
    "a notice that would open a ticket": (
        then('notify = ["manager", "Billing@example.com"]'), 3, "rule.then.notify",
        "Billing@example.com is a support address, and an alert to it would open a ticket; give a person's own",
    ),
    "a notice to nobody": (
        then('notify = "maneger"'), 3, "rule.then.notify", "'maneger' is nobody; did you mean manager?",
    ),
    "a webhook in the clear": (
        then('webhook = "http://hooks.example.com/?token=s3cret"'), 3, "rule.then.webhook",
        "http:// can be read on the way, and is for this machine only; use https://",
    ),
    "a webhook that is none": (
        then('webhook = "hooks.example.com"'), 3, "rule.then.webhook",
        "this is no URL of a web server; write it like https://hooks.example.com/tickets",
    ),
    "rejected and spam": (
        then('spam = true, reject = "no"'), 3, "rule.then.spam",
        "there is already reject; keep one of reject and spam",
    ),
    "a reply that is ignored": (
        rule("when = { reply = true }\nthen = { ignore = true }\n"), 4, "rule.then.ignore",
        "a reply belongs to a ticket that is there; ignore is for rules without reply = true",
    ),
    # tests of rules
    "a test without a mail": (
        with_test('expect = { queue = "billing" }'), 4, "rule.test.mail",
        "is missing; A file, relative to this one; or the mail itself, in several lines.",
    ),
    "a test that expects nothing": (
        with_test(f"{MAIL}expect = {{}}"), 9, "rule.test.expect",
        ('it expects nothing; write expect = { queue = "..." }, or one of queue, team, assignee, priority, type,'
        " case_type, reason, tags, policy, template, hold, reject, spam, ignore, rules, no_rules"),
    ),
    "a test of an unknown thing": (
        with_test(f'{MAIL}expect = {{ quee = "billing" }}'), 9, "rule.test.expect.quee",
        "there is no such key; did you mean queue?",
    ),
    "a test of an unknown rule": (
        with_test(f'{MAIL}expect = {{ rules = ["refund"] }}'), 9, "rule.test.expect.rules",
        "there is no rule 'refund'; there are r",
    ),
    "a test that contradicts itself": (
        with_test(f'{MAIL}expect = {{ rules = "r", no_rules = "r" }}'), 9, "rule.test.expect.no_rules",
        "r is also in rules; keep it in one of them",
    ),
    # reason codes, types, branches
    "a code with a space": (
        '[[reason]]\ncode = "late delivery"', 2, "reason.code",
        "'late delivery' cannot be a code; did you mean late_delivery?",
    ),
    "a reason's team that is not there": (
        '[[reason]]\ncode = "late"\nteam = "servic"', 3, "reason.team",
        "there is no team 'servic'; did you mean service?",
    ),
    "a reason's manager": (
        '[[reason]]\ncode = "late"\nteam = "branch manager"', 3, "reason.team",
        "there is no team 'branch manager'; did you mean branch_manager?",
    ),
    "a reason's type that is not there": (
        '[[reason]]\ncode = "late"\ntype = "complaint"', 3, "reason.type",
        "there is no type 'complaint'; there are incident, information_request, service_request, warranty_claim",
    ),
    "a reason's keyword": (
        '[[reason]]\ncode = "late"\nkeywords = { de = ["spät"], en = ["late", "-"] }', 3, "reason.keywords.en",
        "'-': it has no letter and no digit; write a word or a phrase",
    ),
    "keywords in no language": (
        '[[reason]]\ncode = "late"\nkeywords = { eng = ["late"] }', 3, "reason.keywords.eng",
        "there is no language 'eng'; did you mean en?",
    ),
    "a question without words": (
        '[[reason]]\ncode = "late"\nasks = [{ unless = "order" }]', 3, "reason.asks",
        'it asks for nothing; write { en = "your order number", unless = "order" }',
    ),
    "a question that nothing answers": (
        '[[reason]]\ncode = "late"\nasks = [{ en = "x", unless = "oder" }]', 3, "reason.asks",
        "there is no thing to look for 'oder'; did you mean order?",
    ),
    "a case type of no type": (
        '[[case_type]]\nname = "recall"\ntype = "incidnt"', 3, "case_type.type",
        "there is no type 'incidnt'; did you mean incident?",
    ),
    "no types at all": (
        '[routing]\nbuilt_in_types = false\n' + then('type = "incident"'), 5, "rule.then.type",
        "there is no type 'incident'; add [[type]]",
    ),
    "a fixed agent for all": (
        '[routing]\nassign = "fixed"', 2, "routing.assign",
        "'fixed' is no way to assign; it can be none, round_robin, least_loaded",
    ),
    "keywords for an unknown priority": (
        '[priority]\nkeywords = { urgnt = ["now"] }', 2, "priority.keywords.urgnt",
        "there is no priority 'urgnt'; did you mean urgent?",
    ),
    "a priority under two names": (
        '[priority]\nkeywords = { urgent = ["now"], critical = ["at once"] }', 2, "priority.keywords",
        "urgent is another word for critical, which is there as well; keep one of them",
    ),
    "a matrix with an unknown level": (
        '[priority]\nmatrix = { high = { medum = "low" } }', 2, "priority.matrix.high.medum",
        "there is no level 'medum'; did you mean medium?",
    ),
    "a customer's priority": (
        '[[organisation]]\nname = "B"\ndomains = ["b.example"]\npriority = "top"', 4, "organisation.priority",
        "there is no priority 'top'; they are low, medium, high, critical",
    ),
    "a branch of an unknown customer": (
        '[[branch]]\nname = "Berlin"\ncustomers = ["Acne"]', 3, "branch.customers",
        "there is no organisation 'Acne'; did you mean Acme?",
    ),
    "a customer of two branches": (
        '[[branch]]\nname = "Berlin"\ncustomers = ["Acme"]\n[[branch]]\nname = "Bonn"\ncustomers = ["ACME"]', 6,
        "branch.customers", f"ACME belongs to the branch of line {FIRST + 2}; a customer has one branch",
    ),
    "a branch's manager who is no agent": (
        '[[branch]]\nname = "Berlin"\nmanager = "boss@example.com"', 3, "branch.manager",
        'boss@example.com is no agent; add [[agent]] with address = "boss@example.com"',
    ),
}  # fmt: skip


def faults(tmp_path: Path, text: str) -> list[str]:
    """What `load` says of a desk with this text, without the folder."""
    file = tmp_path / "maild.toml"
    file.write_text(DESK + text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "line", "key", "message"), CASES.values(), ids=CASES.keys())
def test_a_fault_is_told_with_its_place_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    assert faults(tmp_path, text) == [f"maild.toml:{FIRST + line - 1}: {key}: {message}"]


def test_each_fault_is_one_line_whatever_a_name_holds(tmp_path: Path) -> None:
    named = rule(TO_BILLING, "a\\nb") + rule(TO_BILLING, "b")
    told = faults(tmp_path, named + f'[[rule.test]]\n{MAIL}expect = {{ rules = "x" }}')

    assert told == [
        f"maild.toml:{FIRST + 1}: rule.name: holds a control character or a line break; write it in one line",
        f"maild.toml:{FIRST + 11}: rule.test.expect.rules: there is no rule 'x'; there are b, ...",
    ]


WRONG = ["7", "-1.5", "nan", "true", '""', "[]", "{}", "[7]", "[{}]", '[["a"]]', "{ a = 1 }", "{ high = { high = 7 } }"]
WRONG += ["2026-01-01", "{ all = { any = { not = { x = 1 } } } }", "[{ words = 1 }, 3, { not = 4 }]", "[{ mail = 1 }]"]


@pytest.mark.parametrize("value", WRONG)
def test_whatever_stands_in_a_key_is_told_in_our_own_words(tmp_path: Path, value: str) -> None:
    conditions = "".join(f"{key} = {value}\n" for key in keys_of(When))
    actions = "".join(f"{key} = {value}\n" for key in keys_of(Then))
    expected = "".join(f"{key} = {value}\n" for key in keys_of(Expect))
    rules = rule(f"[rule.when]\n{conditions}[rule.then]\n{actions}[[rule.test]]\n[rule.test.expect]\n{expected}")
    others = [(kind, key) for kind in (Rule, Reason, CaseType, Branch) for key in keys_of(kind)]
    tables = "".join(f"[[{_NAMES[kind]}]]\n{key} = {value}\n" for kind, key in others)
    single = "".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key in keys_of(kind)) for name, kind in _SINGLE)

    told = faults(tmp_path, f"{rules}{tables}{single}")

    assert len(told) > 100
    assert [line for line in told if "Input" in line or "alid" in line] == []


_NAMES: dict[type[Section], str] = {Rule: "rule", Reason: "reason", CaseType: "case_type", Branch: "branch"}
_SINGLE: list[tuple[str, type[Section]]] = [("routing", Routing), ("priority", Priorities)]


def test_a_web_address_is_not_repeated_for_it_may_hold_a_secret(tmp_path: Path) -> None:
    assert "s3cret" not in "".join(faults(tmp_path, then('webhook = "http://h.example/?token=s3cret"')))


def test_a_mail_of_a_test_that_is_not_there_is_a_fault_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "refund.eml").write_text("From: x@acme.example\n\nx")

    (told,) = faults(tmp_path, with_test('mail = "refunds.eml"\nexpect = { queue = "billing" }'))

    assert told == f"maild.toml:{FIRST + 4}: rule.test.mail: there is no file refunds.eml; did you mean refund.eml?"


def test_a_folder_is_no_mail_of_a_test(tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()

    (told,) = faults(tmp_path, with_test('mail = "mails"\nexpect = { queue = "billing" }'))

    assert (
        told == f"maild.toml:{FIRST + 4}: rule.test.mail: cannot read mails: Is a directory; name a file with one mail"
    )


def test_a_mail_that_is_written_out_is_closed_to_other_control_characters(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, with_test('mail = "From: x\\n\\u0000"\nexpect = { queue = "billing" }'))

    assert told.startswith(f"maild.toml:{FIRST + 4}: rule.test.mail: holds a control character")


# Each of them looks like a fault at first sight.
FINE = {
    "a rule for every mail": rule(TO_BILLING),
    "a rule that only stops": rule('when = { words = "x" }\nstop = true\n'),
    "a day in the past": rule(f"until = 2001-01-01\n{TO_BILLING}"),
    "a built-in reason without its team": when('reason = ["missing_part", "MISSING_PART"]'),
    "own keywords for a built-in reason": '[[reason]]\ncode = "damage"\nkeywords = { en = "cracked" }',
    "a tag that a rule above gives":
        rule('then = { tags = "seen" }\n') + rule(f'when = {{ tag = "seen" }}\n{TO_BILLING}', "s"),
    "a tag that agents give": when('tag = "escalated-twice"'),
    "the calendar that is built in": when('during = "24x7"'),
    "a customer in other letters": when('customer = "ACME"'),
    "a webhook on this machine": then('webhook = "http://localhost:8080/hook"'),
    "ten tables deep": when("not = { " * 10 + 'words = "x"' + " }" * 10),
    "a reply that is told of": rule('when = { reply = true }\nthen = { notify = "manager", tags = "seen" }\n'),
    "a free-mail provider's domain": when('domain = "gmail.com"'),
    "a fixed agent": then('assignee = "Anna@example.com", assign = "fixed"'),
    "a test that expects nothing of some": with_test(f'{MAIL}expect = {{ team = "", tags = [], rules = "r" }}'),
    "other words for priorities": '[priority]\ndefault = "normal"\nkeywords = { urgent = "now" }',
}  # fmt: skip


@pytest.mark.parametrize("text", FINE.values(), ids=FINE.keys())
def test_what_only_looks_wrong_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "maild.toml").write_text(DESK + text, "utf-8")
    load(tmp_path / "maild.toml", {})


def test_a_language_needs_what_finds_it_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = when('any = [{ language = "de" }]')
    file = tmp_path / "maild.toml"
    file.write_text(DESK + asks, "utf-8")
    assert load(file, {}).rule[0].name == "r"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "py3langid" else name)
    (told,) = faults(tmp_path, asks)
    assert told.endswith("language: there is no module py3langid; install maild[lang], or leave this out")
