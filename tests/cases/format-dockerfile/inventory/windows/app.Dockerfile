# escape=`
# syntax=docker/dockerfile@sha256:20e9fc406ce47e90c133a530e6cc6edbc69f35c4d8c7001b5104f2e529452808

FROM mcr.microsoft.com/windows/servercore:ltsc2022`
@sha256:327c9b917bd132cdd99bdd8ab5cb7437376791131e18be94de73068c0729f50c
COPY C:\files\ C:\app\
FROM [2001:db8::1]:5000/tool@sha256:91a6203972c7de0a57e7fadb9d971f9b36fbc5c6083e3afc6549291430c6c7b9
