module cartwright/internal/tools/times

go 1.26.0
