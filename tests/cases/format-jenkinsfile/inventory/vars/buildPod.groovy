def call(Map config = [:]) {
    def tag = '17@sha256:426438ee3d4f8dc65e8c87c2c68d9dea9ef58b1ae2705ecd335f5e94bdd3290b'
    podTemplate(cloud: 'k8s', containers: [
        containerTemplate(name: 'jdk', image: "eclipse-temurin:${tag}", command: 'sleep'),
    ], yaml: '''
spec:
  containers:
  - {name: tool, image: "tool/image@sha256:ddfa38151dc799d9ca3016ff40aabd4c4e59d0ace2390b00ca04afc5a2ef6112", env: [{name: NOTE, value: "x"}]}
  volumes:
  - name: models
    image: {reference: "volume/image@sha256:ed39f73f4507a35bb3c81cd7b482ffc8ec9f757b467e4a7929f6da147a2b8015"}
''') { node(POD_LABEL) { container('jdk') { sh 'mvn -B verify' } } }
}
