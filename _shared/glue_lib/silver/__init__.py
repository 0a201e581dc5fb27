"""The Silver job and what only it uses: typed rows, each of them accounted for."""
