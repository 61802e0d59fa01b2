print "docker pull"
IMAGE = "registry.example/python2@sha256:49c0e8589af3a2d25bd44ce59bf3de73d0b73b38924cdd29738384dc87e3bb43"
