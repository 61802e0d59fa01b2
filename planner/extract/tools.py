"""What is known of command line tools: which subcommands pull, and where among their arguments the image stands."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Verb:
    """A subcommand that pulls.

    `images`: which of its positional arguments are images; "set" those after `name=`. `flags` are options whose value
    is an image, `values` the one-letter options that take a value.
    """

    images: Literal["first", "second", "all", "set", "none"] = "first"
    flags: frozenset[str] = frozenset()
    values: str = "acehlmnopuvw"


def _flags(*names: str) -> Verb:
    return Verb("none", frozenset(names), "")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIRST = Verb()
_PULL = Verb("all", values="u")
_COPY = Verb(values="fc")
_BUILD = _flags("--build-context")
_SERVICE = Verb(values="elmpuw")
_IMAGE = _flags("--image")
_SHORT_IMAGE = _flags("--image", "-i")
_BUNDLE = _flags("--image", "-i", "--bundle", "-b")

_ENGINE = {
    "run": _FIRST,
    "create": _FIRST,
    "container run": _FIRST,
    "container create": _FIRST,
    "pull": _PULL,
    "image pull": _PULL,
    "service create": _SERVICE,
    "service update": _IMAGE,
    "build": _BUILD,
    "image build": _BUILD,
    "builder build": _BUILD,
    "buildx build": _BUILD,
    "buildx b": _BUILD,
    "buildx create": _flags("--driver-opt"),
}
_CLUSTER = {
    "run": _IMAGE,
    "debug": _IMAGE,
    "create": _IMAGE,
    "set image": Verb("set"),
    "new-app": _flags("--docker-image", "--image"),
    "import-image": _flags("--from"),
}
_FLY = {"deploy": _SHORT_IMAGE, "machine run": _FIRST, "m run": _FIRST}
_BOX = {"create": _SHORT_IMAGE}
_CTR_PULLS = ("image pull", "images pull", "i pull", "content fetch")
_CTR_RUNS = ("run", "container create", "containers create", "c create")

# By the tool's name, and the subcommand; "" is a tool without subcommands.
PULLS: dict[str, dict[str, Verb]] = {
    **dict.fromkeys(("docker", "podman", "nerdctl", "finch", "podman-remote"), _ENGINE),
    "buildah": {"from": _FIRST, "pull": _PULL, "bud": _BUILD, "build": _BUILD, "build-using-dockerfile": _BUILD},
    "ctr": dict.fromkeys(_CTR_PULLS, Verb(values="u")) | dict.fromkeys(_CTR_RUNS, Verb(values="cmu")),
    "crictl": {"pull": Verb(values="ac")},
    "skopeo": {"copy": _COPY, "sync": Verb(values="sd")},
    **dict.fromkeys(("crane", "gcrane"), dict.fromkeys(("pull", "copy", "cp", "export"), Verb(values="c"))),
    "regctl": dict.fromkeys(("image copy", "image cp", "image export"), Verb(values="pv")),
    "oras": dict.fromkeys(("pull", "copy", "cp"), Verb(values="ocup")),
    **dict.fromkeys(("kubectl", "oc"), _CLUSTER),
    **dict.fromkeys(("fly", "flyctl"), _FLY),
    "bootc": {"switch": _FIRST},
    "kind": {"create cluster": _IMAGE},
    "k3d": {"cluster create": _SHORT_IMAGE},
    **dict.fromkeys(("toolbox", "distrobox"), _BOX),
    "distrobox-create": {"": _SHORT_IMAGE},
    "pack": {"build": _flags("--builder", "-B", "--run-image", "--lifecycle-image")},
    "s2i": {"build": Verb("second")},
    "imgpkg": {"pull": _BUNDLE, "copy": _BUNDLE},
    "cf": {"push": _flags("--docker-image", "-o")},
    "act": {"": _flags("--platform", "-P")},
}
# Their other subcommands read, tag, push or remove what they name,
NAMES_ONLY = _words("docker podman nerdctl finch podman-remote buildah ctr crictl skopeo crane gcrane regctl oras")
# but for these, whose arguments may be commands.
MAY_START = _words("exec compose stack machine kube swarm buildx unshare")
# Subcommands of the others that note down what they name.
NOTES = _words("annotate label")
# Commands that print, compare and search, and those that look at signatures alone.
SAYS = _words("""
    echo printf print [ [[ test case expr grep egrep fgrep rg return logger git log note warn error info debug fail
    fatal die cosign notation slsa-verifier rekor-cli witness
""")
# Options before the subcommand that take a value.
GLOBAL_VALUES = _words("""
    --config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --namespace -n --address -a
    --kubeconfig --cluster --user -s --server --as --token --root --runroot --storage-driver --connection --url
    --identity --policy --registries.d --tmpdir --override-arch --override-os --override-variant --command-timeout
    --runtime-endpoint -r --image-endpoint -i --timeout -t --connect-timeout -v
""")
# Options without a value; any other has one, in the next word where there is no "=".
SWITCHES = _words("""
    --rm --init --privileged --read-only --detach --interactive --tty --no-healthcheck --oom-kill-disable
    --publish-all --sig-proxy --quiet --disable-content-trust --help --use-api-socket --replace --no-hosts
    --no-hostname --rmi --tls-verify --env-host --http-proxy --passwd --read-only-tmpfs --unsetenv-all --all-tags --all
    --with-registry-auth --no-resolve-image --insecure --insecure-registry --local --skip-verify --plain-http
    --net-host --null-io --with-ns --no-pivot --all-platforms --print-chainid --src-tls-verify --dest-tls-verify
    --preserve-digests --remove-signatures --dest-compress --dest-decompress --dest-oci-accept-uncompressed-layers
    --keep-going --scoped --force --stdin --attach --wait --debug --verbose --recursive --digest-tags --referrers
    --fast --include-external --no-clobber --keep-old-files --allow-nondistributable-artifacts --no-tty --retain
    --enforce-container-sigpolicy --apply --soft-reboot --no-signature-verification --leave-stdin-open
""")
# Options whose value names an image that is not pulled for them, or none at all.
NO_PULLS = _words("""
    --label -l --annotation --container-label --cache-from --cache-to --tag --description --comment --message
""")
