"""What a report shows of a line: the reference with its key, and nothing that may be a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.excerpt import LENGTH, excerpt

D = f"sha256:{1:064x}"
IMAGE = f"reg.example:5000/shop/web@{D}"
SECRET = "hunter2-and-more"


def _at(line: str, raw: str = IMAGE) -> str:
    return excerpt(line, line.index("sha256") + 1, raw, D)


@pytest.mark.parametrize(
    "line",
    [
        f"image: {IMAGE}",
        f'- image: "{IMAGE}"',
        f"- {IMAGE}",
        f"- - image: {IMAGE}",
        f"from {IMAGE}",
        f"uses: docker://{IMAGE}",
        f"- name: '{IMAGE}'",
        f'"image": "{IMAGE}",',
        f'"{IMAGE}"',
        IMAGE,
        f"FROM {IMAGE}",
        f"docker pull {IMAGE}",
        f"sudo nerdctl image pull {IMAGE}",
        f"WEB_IMAGE={IMAGE}",
        f'image = "{IMAGE}"',
        f"DIGEST={D}",
        f'"digest":"{D}"}}',
    ],
)
def test_a_reference_is_shown_with_its_key(line: str) -> None:
    assert _at(line) == _at(f"    {line}  ") == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"FROM --platform=linux/amd64 {IMAGE} AS build", f"FROM … {IMAGE} …"),
        (f"COPY --from={IMAGE} /a /b", f"COPY --from={IMAGE} …"),
        (f"kubectl set image deploy/web web={IMAGE}", f"kubectl set image … web={IMAGE}"),
        (f"- run: docker pull {IMAGE}", f"… docker pull {IMAGE}"),
        (f"RUN make && docker pull {IMAGE}; ls", f"RUN … docker pull {IMAGE}…"),
        ("image: ${REG:-reg.example}" + f"/shop/web@{D}", f"image: …/shop/web@{D}"),
        (f'{{"a":"b","image":"{IMAGE}","c":"d"}}', f'… "image":"{IMAGE}"…'),
        (r"\"image\": \"" + IMAGE + r"\", \"c\"", r"\"image\": \"" + IMAGE + r"\"…"),
        (f"skopeo copy docker://{IMAGE} oci:web", f"skopeo copy docker://{IMAGE} …"),
        (f"echo {IMAGE}", f"… {IMAGE}"),
        (f"one: two\rimage: {IMAGE}\rthree: four", f"… image: {IMAGE}"),
        (f"{IMAGE}\r", IMAGE),
        (f"image: &web {IMAGE}", f"image: … {IMAGE}"),
        (f'image: !!str "{IMAGE}"', f'image: …{IMAGE}"'),
    ],
)
def test_all_else_is_left_out(line: str, shown: str) -> None:
    assert _at(line) == shown


@pytest.mark.parametrize(
    "text",
    [
        "docker login -u ci -p x --password {} && docker pull {image}",
        "docker login -p {} && docker pull {image}",
        "curl -u admin:{} https://x/ && docker run -e DB_PASS=hunter3 {image}",
        "sshpass -p {} ssh h docker pull {image}",
        "docker login --password-stdin <<< {} && docker pull {image}",
        "docker run -e DB_PASSWORD={} {image}",
        "SSHPASS={} {image}",
        "MYSQL_PWD={} docker run {image}",
        "docker run -e ENCRYPTION_KEY={} {image}",
        'PRIVATE_KEY="-----BEGIN {} {image}',
        "GITHUB_PAT=ghp_{} {image}",
        "git clone https://ghp_{}@github.com/a && docker pull {image}",
        "mysql -p{} {image}",
        "curl -H 'Authorization: {}' {image}",
        "curl -H 'X-Auth: {}' {image}",
        '{{"auth":"{}","image":"{image}"}}',
        r'"{{\"password\": \"{}\", \"image\": \"{image}\"}}"',
        "{{name: PASSWORD, value: {}, image: {image}}}",
        "{{password: !!str {}, image: {image}}}",
        "{{password: &a {}, image: {image}}}",
        '--password "correct horse {}" {image}',
        '{{"password":"ab,cd {}","image":"{image}"}}',
        "--password='it;{}' {image}",
        "URL=postgres://u:p/a:ss{}@db {image}",
        "URL=postgres://u:p@ss{}@db {image}",
        "curl https://store.example/?sig={} {image}",
        "curl https://hooks.slack.example/services/T0/B0/{} {image}",
        "skopeo copy docker://ci:{}@{image} oci:web",
        "--password={}{image}",
        "docker run {image} --api-key={}",
        "{image}{}",
        "image: {image} # {}",
        'image: "{image}", password: "{}"',
        "AKIA0123456789ABCDEF: {image} {}",
    ],
)
def test_no_secret_is_shown_and_the_digest_is(text: str) -> None:
    shown = _at(text.format(SECRET, image=IMAGE))
    assert not any(part in shown for part in ("hunter", "more", "horse", "AKIA", "p@ss", "cd", "it;"))
    assert IMAGE in shown
    assert "…" in shown


def test_a_long_line_is_cut_around_the_place() -> None:
    assert _at("x" * 10_000 + f' "image":"{IMAGE}",' + "y" * 10_000) == f'… "image":"{IMAGE}"…'


def test_a_long_reference_ends_with_its_digest() -> None:
    raw = "reg.example" + "/deep" * 60 + f"/web@{D}"
    shown = _at(f"image: {raw}", raw)
    assert shown[0] == "…"
    assert shown.endswith(f"/deep/web@{D}")
    assert len(shown) == LENGTH + 1


def test_fields_of_their_own_and_tags() -> None:
    hexadecimal = D.partition(":")[2]
    assert excerpt(f"  hex: {hexadecimal}", 8, IMAGE, D) == f"hex: {hexadecimal}"
    assert excerpt("  image: web:1 # password", 10, "web:1", None) == "image: web:1 …"


def test_where_no_reference_stands_nothing_is_shown() -> None:
    assert not excerpt(f"password: {SECRET}", 11, IMAGE, D)
    assert not excerpt("", 11, "web:1", None)


_TEXT = st.text(st.characters(exclude_characters="\n…"), max_size=300)


@given(_TEXT, _TEXT)
def test_it_is_the_reference_and_little_else(before: str, after: str) -> None:
    shown = excerpt(f"{before}{IMAGE}{after}", len(before) + len(IMAGE) - len(D) + 1, IMAGE, D)
    assert IMAGE in shown
    assert len(shown) <= LENGTH + 1
    assert (
        set(after[:1]) <= set("\\\"',;}]) \t\r") or f"{IMAGE}…" in shown or f"{IMAGE} …" in shown or not after.strip()
    )


@given(st.text(max_size=400), st.integers(1, 500))
def test_any_column_of_any_line_is_taken(line: str, column: int) -> None:
    assert excerpt(line, column, IMAGE, D) in ("", D, f"…{D}", f"… {D}") or D in line
