resource "kubernetes_deployment_v1" "web" {
  metadata {
    name        = "web"
    annotations = { "example.com/image" = "registry.example/x@sha256:82264186375a8f31cd4bf73c2862777622f7616b039abfb62fb7c7eea19f9d07" }
  }
  spec {
    template {
      spec {
        init_container {
          name  = "migrate"
          image = "registry.example/migrate@sha256:3bc801a33ea83df414e1aeb962a52412835be99db28668ec25de73fdd4733804"
        }
        container {
          name  = "web"
          image = "registry.example/web@sha256:4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2"
        }
        container {
          name  = "log"
          image = "registry.example/log@sha256:836ff184e7b41b1e13cb5fd89fa1de98dbbab99e9d2918913ff43b86a5c7c213"
        }
      }
    }
  }
}

resource "kubernetes_manifest" "job" {
  manifest = {
    apiVersion = "batch/v1"
    kind       = "Job"
    metadata   = { name = "once", labels = { image = "x@sha256:c715c51579540ef0b5e4837b98829746c5a30964c31d7894808082f8fb8615b9" } }
    spec = {
      template = { spec = {
        containers = [{ name = "once", image = "registry.example/once@sha256:200651a8b2d5912f692db89468a7d47d86a3ed6844f48f1b15f2be1d9c9a7e5e" }]
      } }
    }
  }
}

resource "kubectl_manifest" "pod" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Pod
    metadata:
      name: pod
      annotations:
        note: registry.example/x@sha256:9074201e529bb12a1c910cb52e23c289591237d66c79140deee48f5eefcc3ed3
    spec:
      containers:
        # registry.example/x@sha256:11a3f5b6c01f8f1f06e59a8c5ecb5f887b35c3b1bbae82f176048816af049c9b
        - name: pod
          image: >-
            registry.example/pod@sha256:425c89ed5bb78a7623fae60fd8a6f648488168740fe82cf6ad34caa4d07aa972
  YAML
}

resource "helm_release" "ingress" {
  name  = "ingress"
  chart = "ingress-nginx"
  values = [
    yamlencode({
      controller = {
        image = { registry = "registry.k8s.io", image = "ingress-nginx/controller", tag = "v1.11.2", digest = "sha256:c1472135b14c77c8bef98e73f70208325fa0dcf1e6bd668ae9b31a9cea295fe7" }
      }
    }),
    <<-EOT
      defaultBackend:
        image:
          repository: registry.example/backend
          digest: sha256:10e08a419e850eba1ebba18fdd28eb7ec1b7e8baa9bcc3b973e2b8891ec726be
    EOT
  ]
  set {
    name  = "sidecar.image.repository"
    value = "registry.example/side"
  }
  set {
    name  = "sidecar.image.digest"
    value = "sha256:ea7bf4bb723041e7d63fe6c74dc46c048c617eb49a454a1cd6edbf34d05a418e"
  }
}

resource "nomad_job" "batch" {
  jobspec = <<EOT
job "batch" {
  group "batch" {
    task "batch" {
      driver = "docker"
      config {
        image = "registry.example/batch@sha256:9bd001c1e163c6ef50951cf33b44f357c303ffdecd270249872af077721e5103"
      }
    }
  }
}
EOT
}
