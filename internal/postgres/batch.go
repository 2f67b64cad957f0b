package postgres

// BatchError runs a generated batch and answers its first error.
func BatchError(exec func(func(int, error))) error {
	var first error
	exec(func(_ int, err error) {
		if first == nil {
			first = err
		}
	})
	return first
}
