"""Hosts from Ansible inventories. What variable counts for whom was compared with ansible-core 2.20."""

import json
import re

import pytest

from planner.model.host import Host
from tests.support.host_files import read

# The result is what `ansible-inventory -i FILE --list` printed for it.
INI = """\
# comment
; another
lone planner_engine="docker 1.9.1"
[web]
web[01:03].example:2222 ansible_host=10.0.0.1 planner_ring=1   # a comment
db-[a:c]

[legacy]
web02.example planner_engine='docker 1.12.6'
[web:vars]
docker_version=20.10.24
planner_engine="docker {{ docker_version }}"
planner_target = 29.0.0
planner_runs=["web/**", "x"]
[prod:children]
web
legacy
zeta   # with a comment
[zeta]
db-b
[zeta:vars]
docker_version=24.0.9
[prod:vars]
docker_version=17.03.0
ansible_group_priority=10
[all:vars]
planner_engine=docker 99.0.0
[bastion]
b1 planner_engine=none
"""
WEB = ("docker 29.0.0", ("web/**", "x"))
EXPECTED = {
    "lone": ("docker 1.9.1", None, (), None),
    "web01.example": ("docker 20.10.24", *WEB, 1),
    "web02.example": ("docker 1.12.6", *WEB, 1),
    "web03.example": ("docker 20.10.24", *WEB, 1),
    "db-a": ("docker 20.10.24", *WEB, None),
    "db-b": ("docker 24.0.9", *WEB, None),
    "db-c": ("docker 20.10.24", *WEB, None),
}
YAML = """\
all:
  vars:
    planner_engine: docker 99.0.0
  hosts:
    lone: {planner_engine: docker 1.9.1}
  children:
    bastion:
      hosts:
        b1: {planner_engine: none}
    prod:
      vars: &old {docker_version: 17.03.0, ansible_group_priority: 10}
      children:
        legacy:
          hosts:
            web02.example: {planner_engine: docker 1.12.6}
        web:
          hosts:
            web[01:03].example:
              planner_ring: 1
            db-[a:c]:
          vars:
            <<: *old
            docker_version: 20.10.24
            ansible_group_priority: 1
            planner_engine: "docker {{ docker_version }}"
            planner_target: 29.0.0
            planner_runs: [web/**, x]
        zeta:
          hosts: db-b
          vars: {docker_version: 24.0.9}
"""
# `--list` puts the variables of groups into those of the hosts, unfilled; an inventory script need not.
SCRIPT = json.dumps(
    {
        "_meta": {
            "hostvars": {
                "lone": {"planner_engine": "docker 1.9.1"},
                "b1": {"planner_engine": "none"},
                "web02.example": {"planner_engine": "docker 1.12.6", "planner_ring": 1},
                "web01.example": {"planner_ring": 1},
                "web03.example": {"planner_ring": 1},
            }
        },
        "all": {"children": ["ungrouped", "prod", "empty"], "vars": {"planner_engine": "docker 99.0.0"}},
        "ungrouped": ["lone"],
        "prod": {"children": ["web", "legacy", "zeta"], "vars": {"docker_version": "17.03.0"}},
        "web": {
            "hosts": ["web01.example", "web02.example", "web03.example", "db-a", "db-b", "db-c"],
            "vars": {
                "docker_version": "20.10.24",
                "planner_engine": "docker {{ docker_version }}",
                "planner_target": "29.0.0",
                "planner_runs": ["web/**", "x"],
            },
        },
        "legacy": {"hosts": ["web02.example"]},
        "zeta": {"hosts": ["db-b"], "vars": {"docker_version": "24.0.9"}},
    },
    indent=1,
)


def said(host: Host) -> tuple[str, str | None, tuple[str, ...], int | None]:
    return str(host.engine), str(host.target) if host.target else None, host.runs, host.ring


@pytest.mark.parametrize(
    ("path", "text"),
    [("hosts.ini", INI), ("hosts", INI), ("prod.yml", YAML), ("inventory", YAML), ("list.json", SCRIPT)],
)
def test_every_form_gives_the_same_hosts(path: str, text: str) -> None:
    hosts, problems = read(path, text)
    assert problems == []
    assert {name: said(host) for name, host in hosts.items()} == EXPECTED


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [("h.ini", INI, 5), ("h.yml", YAML, 18), ("h.json", SCRIPT, 17)],
    ids=["ini", "yaml", "json"],
)
def test_a_host_knows_its_line(path: str, text: str, line: int) -> None:
    hosts, _ = read(path, text)
    assert hosts["web03.example"].source == f"{path}:{line}"
    assert re.search(r"web(\[01:03\]|03)\.example", text.split("\n")[line - 1])


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("""["a b/**"]""", ("a b/**",)),
        ("""'["a b/**", "c"]'""", ("a b/**", "c")),
        (""""['a b/**']\"""", ("a b/**",)),
        (""""a b/**;\"""", ("a b/**",)),
        (""""[ab]/** c\"""", ("[ab]/**", "c")),
    ],
)
def test_lists_that_are_one_text(written: str, runs: tuple[str, ...]) -> None:
    text = f"[w]\nh planner_engine='docker 1.9.1'\n[w:vars]\nplanner_runs={written}\n"
    hosts, problems = read("h.ini", text)
    assert (problems, hosts["h"].runs) == ([], runs)


def test_what_begins_as_a_list_and_is_none_is_refused() -> None:
    hosts, [problem] = read("h.ini", """[w]\nh planner_engine='docker 1.9.1'\n[w:vars]\nplanner_runs='["a b/**'\n""")
    assert hosts == {}
    assert """h: runs is '["a b/**', which begins as a list and is none; write ["one", "other"]""" in problem.text


def test_hosts_that_say_nothing_are_named() -> None:
    # As public inventories of Kubespray are, before anybody wrote for planner.
    text = "[all]\nnode1 \t ansible_host=10.0.0.174\nnode2 \t ip=10.0.0.229\n\n[k8s:children]\nkube_node \t \n"
    hosts, problems = read("hosts.ini", text + "[kube_node]\nnode1\n[calico-rr]\nn3 planner_engine='docker 1.9.1'\n")
    (problem,) = problems
    assert list(hosts) == ["n3"]
    assert (problem.kind, problem.line) == ("host-undeclared", 2)
    assert "2 hosts have no planner_engine, so what they pull was not judged: node1, node2; give it to" in problem.text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("b planner_engine='docker 1.9.1", "no line of host and variables"),
        ("b engine", "'engine' is no variable"),
        ("b[3:1] x=1", "names no hosts"),
        ("b[1:9999999] x=1", "more than 100,000"),
        ("[web:hots]", "[web:hots] is no section"),
        ("[wbe:vars]\nx=1", "no section declares the group wbe"),
        ("b planner_engin='docker 1.9.1' planner_engine='docker 1.9.1'", "'planner_engin' is no variable that planner"),
        ("b planner_engine='docker {{ v }}'", "planner_engine is filled from v"),
        ("b planner_engine=\"docker {{ v | default('1') }}\"", "planner fills in nothing but names"),
        ("b planner_engine='{{ planner_engine }}'", "or from itself"),
        ("b planner_engine='docker 1.9.1' planner_platform=amd64", "b: platform 'amd64' is no platform"),
        ("b planner_engine='docker 1.9.1' planner_ring=first", "b: ring"),
        ("[x:children]\ny\n[y:children]\nx", "the groups x, y are below themselves"),
    ],
)
def test_a_bad_line_hides_no_good_one(line: str, words: str) -> None:
    good = "planner_engine='docker 1.9.1'\n"
    hosts, problems = read("h.ini", f"a {good}{line}\n[last]\nz {good}")
    assert {"a", "z"} <= set(hosts)
    assert any(words in problem.text for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("web:\n  hosts:\n    - a\n", 2, "the hosts of web are no mapping"),
        ("web:\n  hosts: {a: }\n  var: {x: 1}\n", 3, "'var' is no word of a group"),
        ("plugin: aws_ec2\nregions: [eu-west-1]\n", 1, "configures an inventory plugin"),
        ("web:\n  hosts:\n   a: {\n", 4, "no YAML"),
        ("web: &a\n  hosts: {x: }\n  vars: *a\n", 3, "names nothing that is complete"),
    ],
)
def test_bad_yaml(text: str, line: int, words: str) -> None:
    _, problems = read("h.yml", text)
    assert any(problem.line == line and words in problem.text for problem in problems), problems


def test_many_hosts_and_groups_are_bounded() -> None:
    groups = "".join(f"[g{number}]\nh[1:10000]\n" for number in range(21))
    hosts, problems = read("h.ini", f"a planner_engine='docker 1.9.1'\n{groups}[all:vars]\nplanner_engine=none\n")
    assert list(hosts) == ["a"]
    assert ["more than 200,000 hosts" in problem.text for problem in problems] == [True]


VAULT = "!vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6638\n"


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (f"planner_engine: {VAULT}", "planner_engine is neither a text nor a list of texts"),
        ("{planner_engine: docker 1.9.1, planner_runs: [!vault '6638']}", "planner_runs is a list of what is no text"),
        (f'planner_engine: "docker {{{{ v }}}}"\n      v: {VAULT}', "is filled from v, which this file gives no text"),
    ],
)
def test_what_a_vault_holds_is_no_value(variables: str, why: str) -> None:
    text = f"all:\n  hosts:\n    b: {{planner_engine: !unsafe docker 1.9.1}}\n    a:\n      {variables}\n"
    hosts, [problem] = read("inventory.yml", text)
    assert {name: str(host.engine) for name, host in hosts.items()} == {"b": "docker 1.9.1"}
    assert why in problem.text
    assert "a was not judged: write the value itself, or take ansible-inventory --list" in problem.text
