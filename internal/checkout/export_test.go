package checkout

// What a line gives back.
var (
	PaidByLine = paidByLine
	Due        = due
)
