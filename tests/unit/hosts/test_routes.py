"""Files that say where an engine asks: each kind by its own rules, and bad ones by a sentence that names the file."""

import pytest

from planner.hosts.routes import ConfigFile, RouteError, route_of
from planner.model.reference import parse_reference
from planner.model.route import Route
from tests.support.command import DIGEST

HUB = f"docker.io/library/nginx@{DIGEST}"
TEAM = f"quay.io:8443/team/web@{DIGEST}"


def conf(text: str, path: str = "registries.conf") -> ConfigFile:
    return ConfigFile(path, text)


def daemon(text: str) -> ConfigFile:
    return ConfigFile("daemon.json", text)


def hosts(text: str, folder: str = "docker.io") -> ConfigFile:
    return ConfigFile(f"certs.d/{folder}/hosts.toml", text, folder)


def route(*files: ConfigFile) -> Route:
    return route_of([file.path for file in files], files)


def asked(found: Route, reference: str) -> list[str]:
    """What is asked in order: names, `blocked NAME`, or `?` where planner cannot say."""
    course = found.course(parse_reference(reference))
    if course is None:
        return ["itself"]
    return [
        f"{'blocked ' if each.blocked else ''}{each.reference.name}" if each.reference else "?"
        for each in course.endpoints
    ]


def table(prefix: str, location: str, more: str = "") -> str:
    return f'[[registry]]\nprefix = "{prefix}"\nlocation = "{location}"\n{more}'


MIRROR = '[[registry.mirror]]\nlocation = "m.example"\n'


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("", HUB, ["itself"]),
        ('[[registry]]\nlocation = "docker.io"\n', HUB, ["docker.io/library/nginx"]),
        (table("docker.io", "docker.io", MIRROR), HUB, ["m.example/library/nginx", "docker.io/library/nginx"]),
        (table("docker.io/library", "m.example:5000/hub"), HUB, ["m.example:5000/hub/nginx"]),
        (table("docker.io/library/nginx", "m.example/one"), HUB, ["m.example/one"]),
        (table("docker.io/lib", "m.example"), HUB, ["itself"]),
        (table("ocker.io", "m.example"), HUB, ["itself"]),
        (table("quay.io", "m.example"), TEAM, ["m.example:8443/team/web"]),
        (table("*.io", "m.example"), HUB, ["m.example/library/nginx"]),
        (table("*.io", ""), HUB, ["docker.io/library/nginx"]),
        (table("*.cker.io", "m.example"), HUB, ["itself"]),
        (table("*.io", "a.example") + table("docker.io", "b.example"), HUB, ["b.example/library/nginx"]),
        (table("docker.io", "docker.io/", "blocked = true\n"), HUB, ["blocked docker.io/library/nginx"]),
        (table("docker.io", "mirror", ""), HUB, ["?"]),
        (table("docker.io", "m.example/UPPER", ""), HUB, ["?"]),
        ('[registries.block]\nregistries = ["docker.io"]\n', HUB, ["blocked docker.io/library/nginx"]),
        ('[registries.insecure]\nregistries = ["docker.io"]\n', HUB, ["docker.io/library/nginx"]),
        ('unqualified-search-registries = ["a.example"]\nshort-name-mode = "enforcing"\n', HUB, ["itself"]),
    ],
)
def test_registries_conf(text: str, reference: str, expected: list[str]) -> None:
    assert asked(route(conf(text)), reference) == expected


@pytest.mark.parametrize(
    ("of_table", "of_mirror", "by_digest", "by_tag"),
    [
        ("", "", True, True),
        ("", 'pull-from-mirror = "all"\n', True, True),
        ("", 'pull-from-mirror = "digest-only"\n', True, False),
        ("", 'pull-from-mirror = "tag-only"\n', False, True),
        ("mirror-by-digest-only = true\n", "", True, False),
    ],
)
def test_which_pulls_a_mirror_is_for(of_table: str, of_mirror: str, by_digest: bool, by_tag: bool) -> None:
    found = route(conf(table("docker.io", "docker.io", of_table + MIRROR + of_mirror)))
    for reference, is_asked in ((HUB, by_digest), ("docker.io/library/nginx:1", by_tag)):
        assert ("m.example/library/nginx" in asked(found, reference)) is is_asked


def test_a_drop_in_replaces_the_table_of_the_same_prefix() -> None:
    first = conf(table("docker.io", "a.example") + table("quay.io", "b.example"))
    found = route(first, conf(table("docker.io", "c.example"), "registries.conf.d/50.conf"))
    assert asked(found, HUB) == ["c.example/library/nginx"]
    assert asked(found, TEAM) == ["b.example:8443/team/web"]


def test_insecure_is_what_the_files_name_so() -> None:
    text = table("docker.io", "up.example", "insecure = true\n" + MIRROR + "insecure = true\n" + MIRROR)
    assert route(conf(text)).insecure == {"up.example", "m.example"}
    assert route(daemon('{"registry-mirrors": ["http://a.example:5000/", "https://b.example"]}')).insecure == {
        "a.example:5000"
    }
    toml = '[host."http://a.example"]\n[host."https://b.example"]\nskip_verify = true\n[host."https://c.example"]\n'
    assert route(hosts(toml)).insecure == {"a.example", "b.example"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[registry]\n", "is no TOML"),
        ("[[registry]]\nblocked = true\n", "has no location"),
        ('[[registry]]\nlocation = "https://a.example"\n', "without http:// or https://"),
        ('[[registry]]\nlocation = "me:secret@a.example"\n', "nothing else"),
        ('[[registry]]\nlocation = "a.example"\nblocked = "yes"\n', "registry, number 1, blocked"),
        ('registry = "a.example"\n', "registry"),
        (table("a.example", "b.example", "[[registry.mirror]]\ninsecure = true\n"), "a mirror without location"),
        (table("a.example", "b.example", MIRROR + 'pull-from-mirror = "never"\n'), "pull-from-mirror"),
        (table("a.example", "b.example", 'pull-from-mirror = "all"\n'), "belongs into"),
        (
            table("a.example", "b.example", "mirror-by-digest-only = true\n" + MIRROR + 'pull-from-mirror = "all"\n'),
            "one of them",
        ),
        (table("a.example", "b.example") + table("a.example/", "c.example"), "is there twice"),
        (table("*.example/team", "b.example"), "such as *.example.com"),
        ('[registries.block]\nregistries = ["me:secret@a.example"]\n', "nothing else"),
        ('[registries.block]\nregistries = ["a.example"]\n' + table("a.example", "b.example"), "mixes"),
    ],
)
def test_a_bad_registries_conf(text: str, words: str) -> None:
    with pytest.raises(RouteError, match=r"registries\.conf") as raised:
        route(conf(text))
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("mirrors", "reference", "expected"),
    [
        ("[]", HUB, ["itself"]),
        ('["https://a.example", "http://b.example:5000/"]', HUB,
         ["a.example/library/nginx", "b.example:5000/library/nginx", "docker.io/library/nginx"]),
        ('["a.example"]', HUB, ["a.example/library/nginx", "docker.io/library/nginx"]),
        ('["http://mirror"]', HUB, ["mirror:80/library/nginx", "docker.io/library/nginx"]),
        ('["https://mirror"]', HUB, ["mirror:443/library/nginx", "docker.io/library/nginx"]),
        ('["http://[::1]:5000"]', HUB, ["[::1]:5000/library/nginx", "docker.io/library/nginx"]),
        ('["https://a.example"]', TEAM, ["itself"]),
        ('["https://a.example/hub"]', HUB, ["?", "docker.io/library/nginx"]),
    ],
)  # fmt: skip
def test_daemon_json(mirrors: str, reference: str, expected: list[str]) -> None:
    found = route(daemon(f'{{"registry-mirrors": {mirrors}, "log-driver": "json-file"}}'))
    assert asked(found, reference) == expected
    assert bool(found.doubts) is ("?" in expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "the file"),
        ("[" * 100_000, "is no JSON"),
        ('{"registry-mirrors": "https://a.example"}', "registry-mirrors"),
        ('{"registry-mirrors": [5000]}', "registry-mirrors, number 1"),
        ('{"registry-mirrors": ["https://me:secret@a.example"]}', "no URL"),
        ('{"registry-mirrors": ["https://a.example?x=1"]}', "no URL"),
    ],
)
def test_a_bad_daemon_json(text: str, words: str) -> None:
    with pytest.raises(RouteError, match=r"daemon\.json") as raised:
        route(daemon(text))
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)


UP = "docker.io/library/nginx"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [UP]),
        ('server = "https://registry-1.docker.io"\n[host]\n', [UP]),
        ('[host."https://b.example"]\n[host."http://a.example:5000"]\n',
         ["b.example/library/nginx", "a.example:5000/library/nginx", UP]),
        ('server = "https://m.example"\n[host]\n', ["m.example/library/nginx"]),
        ('server = "https://m.example"\n', ["?"]),
        ('[host."https://m.example/v2"]\n', ["m.example/library/nginx", UP]),
        ('[host."https://m.example/v2/hub/"]\noverride_path = true\n', ["m.example/hub/library/nginx", UP]),
        ('[host."https://m.example/v2/hub"]\n', ["m.example/hub/v2/library/nginx", UP]),
        ('[host."https://m.example/hub"]\n', ["?", UP]),
        ('[host."https://m.example"]\noverride_path = true\n', ["?", UP]),
        ('[host."https://m.example"]\n[host."https://m.example".rewrite]\n"^lib" = "x"\n', ["?", UP]),
        ('[host."https://m.example"]\ncapabilities = ["resolve"]\n', [UP]),
        ('server = "https://m.example"\ncapabilities = ["push"]\n[host]\n', []),
    ],
)  # fmt: skip
def test_hosts_toml(text: str, expected: list[str]) -> None:
    found = route(hosts(text))
    assert asked(found, HUB) == expected
    assert bool(found.doubts) is ("?" in expected)
    assert asked(found, TEAM) == ["itself"]


@pytest.mark.parametrize("folder", ["quay.io_8443_", "quay.io:8443"])
def test_the_folder_names_the_registry_and_default_every_other(folder: str) -> None:
    own, other = (f'server = "https://{name}.example"\n[host]\n' for name in "ab")
    found = route(hosts(own, folder), hosts(other, "_default"))
    assert asked(found, TEAM) == ["a.example/team/web"]
    assert asked(found, HUB) == ["b.example/library/nginx"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (hosts("server = \n"), "is no TOML"),
        (hosts('server = 5\n'), "server"),
        (hosts('host = "a"\n'), "host"),
        (hosts('[host."https://a.example"]\ncapabilities = ["pul"]\n'), "'pul' is no capability"),
        (hosts('[host."https://a.example"]\noverride_path = "yes"\n'), "override_path"),
        (hosts('server = "https://me:secret@a.example"\n[host]\n'), "no URL"),
        (hosts('[host."https://me:secret@a.example"]\noverride_path = "yes"\n'), "override_path"),
        (hosts("", "infra"), "which is no registry"),
    ],
)  # fmt: skip
def test_a_bad_hosts_toml(file: ConfigFile, words: str) -> None:
    with pytest.raises(RouteError, match=r"hosts\.toml") as raised:
        route(file)
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)


def test_two_files_for_one_registry_are_refused() -> None:
    with pytest.raises(RouteError, match="another hosts"):
        route(hosts("", "quay.io_8443_"), hosts("", "quay.io:8443"))
    with pytest.raises(RouteError, match="reads one daemon"):
        route(daemon("{}"), daemon("{}"))


def test_files_of_two_engines_and_files_of_none_are_refused() -> None:
    with pytest.raises(RouteError, match="read by different engines"):
        route(conf(""), daemon("{}"))
    with pytest.raises(RouteError, match="is no registry configuration that planner reads"):
        route(ConfigFile("k3s/registries.yaml", ""))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (conf("blocekd = true\n"), "blocekd"),
        (conf(table("a.example", "b.example", "blocekd = true\n")), "[[registry]] a.example, blocekd"),
        (conf(table("a.example/x:1", "b.example")), "a prefix with a tag or digest"),
        (hosts('sever = "https://a.example"\n[host]\n'), "sever"),
        (hosts('[host."https://a.example"]\ncapabilites = ["pull"]\n'), "capabilites"),
    ],
)
def test_what_is_not_applied_is_said(file: ConfigFile, words: str) -> None:
    (doubt,) = route(file).doubts
    assert file.path in doubt
    assert words in doubt
