"""What became of findings since an earlier report, for every format."""
