variable "digest" {
  type        = string
  description = "such as registry.example/x@sha256:c9046f7a37ad0ea7cee73355984fa5428982f8b37c8f7bcec91f7ac71a7cd104"
  default     = "sha256:ad1a64057f9ab34fecfe3f4ee78660bb0316dbda9370581ffbeb1e8bddf3d598"

  validation {
    condition     = var.digest != "registry.example/x@sha256:596d40a4ed24c02a31b19d6e633f46f64304a672b40f793d8c6deab868beb0e2"
    error_message = "not registry.example/x@sha256:ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d"
  }
}

variable "repository" {
  default = "registry.example/split"
}

variable "proxy_image" {
  default = "envoyproxy/envoy:v1.31.0@sha256:84532b306f259587c364bd7301e0813963d5b84fd27c9338f0862dab8f0499d7"
}

variable "unused_image" {
  default = "registry.example/unused@sha256:febe1d741b49e5a9c31526728d8c5134a803adfc4c04c4f052673722ed85597e"
}

variable "overridden" {
  default = "registry.example/default"
}
