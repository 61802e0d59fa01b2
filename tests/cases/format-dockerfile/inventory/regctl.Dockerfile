ARG REGISTRY=docker.io
ARG ALPINE_VER=3@sha256:4f5a4fb75936a023bedc92097a9114d28ffd249cf46b6a061b6f43eb5109fa93
ARG GO_VER=1.24-alpine@sha256:4cd0e21a9a0795a14ec9aa5f0e7d1abff0492565770e43eafdf1e3e8afed1f33
FROM --platform=$BUILDPLATFORM ${REGISTRY}/library/golang:${GO_VER} AS golang
FROM ${REGISTRY}/library/alpine:${ALPINE_VER} AS build
FROM ${REGISTRY}/library/alpine:${ALPINE_VER} AS release-alpine
