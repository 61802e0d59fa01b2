<#
  docker pull registry.example/block@sha256:e6c7db583a2f56a69f65dad6e1503ab43aa44d1a1a20552ba9a7ce34378c7db1
#>
param([string]$Name = "web")
$Image = "registry.example/web:1@sha256:9fee40a8f971ed5b35ef467f83d18041dda6f1f518e0598a4c3ab24602abf1e8"
# docker pull registry.example/old@sha256:c9e3ae7358911142960da2645bd253f581eb4547b03b1f32596f6ff8dd978d9f
docker run --rm `
  --name $Name `
  -p 80:80 $image
if ($LASTEXITCODE -ne 0) { docker pull registry.example/inside@sha256:510dcd9fa6585cd824530ea52db067ccfd114e0b20caf9001ad5203c1735db25 } # registry.example/why@sha256:b52a4e604d031c437ab31264bb583dc710bfee49b42fd58b0c18281815b0f160
Write-Host "# pulled"; docker pull registry.example/second@sha256:2c00c9b755a914930029cc1b6f8734ed1d21913b0688a3d9ca2001a1c8f01912
