package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPlainJSONIsWhatEveryProgramReadsAlike(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `"%d":1,`, i)
		}
		return text.String()
	}
	for text, want := range map[string]error{
		`1`: nil, `"a"`: nil, `[]`: nil, `{}`: nil, `{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`: nil,
		`{"a":"a","b":["a","a"]}`: nil, `{"a":1,"A":2}`: nil, `{"a":"\"a\":","b":1}`: nil, `{"a\\":1,"a":2}`: nil,
		`{"a":1,"a":1}`: errRepeated, `{"a":{},"a":1}`: errRepeated, `[{"b":[{"a":1,"c":2,"a":3}]}]`: errRepeated,
		`{"a":1,"\u0061":1}`: errRepeated, `{"":1,"":1}`: errRepeated, `{"a":[1,{"x":1}],"a":1}`: errRepeated,
		`{` + many(100) + `"last":1}`: nil, `{` + many(100) + `"7":1}`: errRepeated, `{` + many(100) + `"99":1}`: errRepeated,
		strings.Repeat("[", 64) + strings.Repeat("]", 64):           nil,
		strings.Repeat("[", 65) + strings.Repeat("]", 65):           errTooDeep,
		strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65): errTooDeep,
		`[` + strings.Repeat("[],", 500) + `[]]`:                    nil,
	} {
		require.True(t, json.Valid([]byte(text)), text)
		require.Equal(t, want, plainJSON([]byte(text)), text)
	}
}

func TestWhateverAMapHoldsIsPlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.MapOf(rapid.String(), rapid.String()))).Draw(r, "value")
		text, err := json.Marshal(value)
		require.NoError(r, err)
		seen := map[string]bool{}
		for name := range value { // names that are not text become one and the same
			replaced, _ := json.Marshal(name)
			if seen[string(replaced)] {
				return
			}
			seen[string(replaced)] = true
		}
		require.NoError(r, plainJSON(text))
	})
}
