"""Reports. Runs registry.example/docstring@sha256:9e8ec28427e4d2e79c28eb570dd4cda2bac30f64159de2c16be8e03fced7bfb0."""

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.operators.docker import DockerOperator

# IMAGE = "registry.example/comment@sha256:bcaadefa5a2084182b71e6bed4245e88dcb6430a3d332158f78be4d10667def9"
REGISTRY = "registry.example:5000"
DIGEST = "sha256:5395599e7ff66430811e7289d8b6f374eda8ce1a4ad81cca8fa2ad1376e8619b"
CHECKSUM = "sha256:c8c9c576b3f792e2e685dc6d816bd34501e9a514317bb44a14c1016c10d87b7d"
COMMIT = "8f2d3a9c1b5e4f60718293a4b5c6d7e8f9012345"
IMAGE = "registry.example/constant:1@sha256:aee883f1f033cf09ad50d29b47aab72904e9c0ee2bb401381dd6f82e7fe2ecd5"
LONG = (
    "registry.example/a/rather/long/name:2024.1"  # with a comment
    "@sha256:69bbbee7e667ed73d576f963f53fdaea5a8782df95e3076621b60ef6db60e65b"
)

with DAG("report", description="Uses registry.example/words@sha256:603aad1ed19111659574af041b693363b4b991a39089ea4c28d71fd96bc03bf8") as dag:
    one = KubernetesPodOperator(task_id="one", name="pod", image="registry.example/one:1@sha256:68f9c065f203ad9df6b5cd3d917f98bb58fd174b8825e6e59b470c9063753fa7", cmds=["run"])
    two = KubernetesPodOperator(task_id="two", image=IMAGE)
    three = DockerOperator(task_id="three", image=f"{REGISTRY}/team/three@{DIGEST}", docker_url="unix:///x")
    four = DockerOperator(task_id="four", image=LONG)
    five = KubernetesPodOperator(
        task_id="five",
        image="%s/five:%s@sha256:6bcf5d06a0954f26a2ade4da0a3bbf5fb8abf3a851ea4358ad24044feac9cbe6" % (REGISTRY, "5"),
        env_vars={"HELPER": "registry.example/helper@sha256:1e48a5685b1ed89858498bb67a3314b286722e72b52392eeac7b04d9aca1b2d2"},
        labels={"image": "registry.example/label@sha256:0dfb158d24041b56b7718a1c551420d1c4f5e9d34ad8e5915c89ae0841b59329"},
        doc_md="See registry.example/doc@sha256:6e78ac3121ea45315acc970a6e644ff854f028c3475f65eefcda4d6b70cb6551",
    )
    six = KubernetesPodOperator(task_id="six", image="{}/six@{digest}".format(REGISTRY, digest="sha256:3315db5b452c23b5f38a33a20cbf0f8de561e2e946565c0bf57bcbb1405c1c9d"))
    seven = KubernetesPodOperator(task_id="seven", image=os.environ["REGISTRY"] + "/seven@sha256:220122273a7a95a0db3f011337e776ba03d5db74bd02b14bc05689eef5ed332f")
    eight = BashOperator(task_id="eight", bash_command="docker run --rm registry.example/eight@sha256:b705a28ad87ce653e03cce1abc288161aed33bb5f71d54c7c957ee3023153007 report")
    nine = KubernetesPodOperator(task_id="nine", image="registry.example/nine@sha256:123")
