resource "aws_ecs_task_definition" "app" {
  family = "app"
  container_definitions = jsonencode([
    {
      name  = "app"
      image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:0b27e4547d19869c0377e695ace4e6927879bc8bee15e6f92cea7c0bd7e5a3f0"
      dockerLabels = { note = "registry.example/x@sha256:97eef7a037b01789b4cc76d70b8beb4e7e133a756931eb4e30e8c8fbd96cac7f" }
      environment = [{ name = "A", value = "b" }]
    },
    merge(local.defaults, {
      "name" : "proxy", "image" : var.proxy_image,
    }),
  ])
  tags = { Image = "registry.example/x@sha256:2a1073a6e67f0e5f09a5957c659503c690efe7272be8313df872556a9a684d8c" }
}

locals {
  defaults = { essential = true }
}

resource "aws_ecs_task_definition" "heredoc" {
  family                = "old"
  container_definitions = <<-JSON
    [
      {
        "name": "old",
        "image": "registry.example/old@sha256:2c0575262067249b18552a78eb55bcef4db5939168180cbb04446a443d625da5",
        "cpu": ${var.cpu}
      },
      { "name": "log", "image": "${var.repository}@${var.digest}" }
    ]
  JSON
}

resource "aws_lambda_function" "fn" {
  function_name    = "fn"
  package_type     = "Image"
  image_uri        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fn@sha256:554e79e652b29f3a01dcf98e494b9928a1dc12cc83b83e730574c9b37ca6359f"
  source_code_hash = "sha256:d04b98f48e8f8bcc15c6ae5ac050801cd6dcfd428fb5f9e65c4e16e7807340fa"
}

resource "aws_apprunner_service" "site" {
  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/team/site@sha256:51611daa02b7619a82b1be35a3510326ea1e939ff29dd48a694e17e448a52e20"
      image_repository_type = "ECR_PUBLIC"
    }
  }
}

resource "aws_batch_job_definition" "nightly" {
  container_properties = jsonencode({
    image   = "${var.overridden}:1@sha256:4bb24efc9641afc5ded1ca77eabb6e2fcf062d2112ccd61bd8bd6acd89180bae"
    command = ["sh", "-c", "true"]
  })
}

resource "google_cloud_run_v2_service" "api" {
  template {
    containers {
      image = var.production ? "eu.gcr.io/p/api@sha256:af4f55c53c7d2d386835548d45b7ab87d528fb90b33b976c6c5cc1b008851756" : "eu.gcr.io/p/api@sha256:e61253efbf32273d07916765e83732ca6173a39d7299ea3795d1ef54201ea19f"
    }
    dynamic "containers" {
      for_each = ["eu.gcr.io/p/side@sha256:73c76d56fd4042001a19cd735382344bc7ecb1adf080796e9096cf26fcc6cdde"]
      content {
        image = containers.value
      }
    }
  }
}

resource "google_cloud_run_service" "unknown" {
  template {
    spec {
      containers { image = "${var.elsewhere}/api@sha256:7b1b763ee8f62eb88e4742a760f912d0b19bcd58b2b948999784bacc15a7f4d7" }
    }
  }
}

resource "azurerm_container_group" "group" {
  container {
    name  = "hello"
    image = "mcr.microsoft.com/azuredocs/aci-helloworld:latest@sha256:79f43c3b9c23fbdf293bdba80dab38ba194fc1da79187091b3d3760dad840bf8"
  }
}

resource "google_compute_instance" "vm" {
  boot_disk {
    initialize_params { image = "projects/cos-cloud/global/images/cos-stable-109" }
  }
  metadata_startup_script = <<EOF
#!/bin/bash
# docker run registry.example/no@sha256:ec1d377fb253010cbd998b7caaa9e7b1944817367d070b114aed3d0ccc0e9b10
docker run -d --name agent \
  registry.example/agent:2@sha256:d4f0bc5a29de06b510f9aa428f1eedba926012b591fef7a518e776a7c9bd1824
EOF
}

module "worker" {
  source          = "./modules/worker"
  container_image = "registry.example/worker@sha256:120970d812836f19888625587a4606a5ad23cef31c8684e601771552548fc6b9"
  image = {
    repository = "registry.example/split-module"
    tag        = "1.2"
    digest     = "sha256:c46df28770ada204f66334ec2f2c4b6b7e58a16f1a6e682f131916c3543f427b"
  }
}
