package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// asJSON converts a YAML document to one line of JSON and keeps the order of its keys. A date is the text that it is
// written as, which JSON Schema says too.
func asJSON(text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := writeJSON(&buf, &doc); err != nil {
		return nil, err
	}
	buf.WriteByte('\n')
	return buf.Bytes(), nil
}

func writeJSON(buf *bytes.Buffer, node *yaml.Node) error {
	switch node.Kind {
	case yaml.DocumentNode:
		return writeJSON(buf, node.Content[0])
	case yaml.AliasNode:
		return writeJSON(buf, node.Alias)
	case yaml.SequenceNode:
		return writeList(buf, '[', ']', len(node.Content), func(i int) error { return writeJSON(buf, node.Content[i]) })
	case yaml.MappingNode:
		return writeList(buf, '{', '}', len(node.Content)/2, func(i int) error {
			if err := writeValue(buf, node.Content[2*i].Value); err != nil {
				return err
			}
			buf.WriteByte(':')
			return writeJSON(buf, node.Content[2*i+1])
		})
	}
	return writeScalar(buf, node)
}

func writeList(buf *bytes.Buffer, open, end byte, length int, item func(i int) error) error {
	buf.WriteByte(open)
	for i := range length {
		if i > 0 {
			buf.WriteByte(',')
		}
		if err := item(i); err != nil {
			return err
		}
	}
	buf.WriteByte(end)
	return nil
}

func writeScalar(buf *bytes.Buffer, node *yaml.Node) error {
	switch node.Tag {
	case "!!str", "!!timestamp":
		return writeValue(buf, node.Value)
	case "!!null", "!!bool", "!!int", "!!float":
		var value any
		if err := node.Decode(&value); err != nil {
			return fmt.Errorf("line %d: %w", node.Line, err)
		}
		return writeValue(buf, value)
	}
	return fmt.Errorf("line %d: JSON has no %s", node.Line, node.Tag)
}

func writeValue(buf *bytes.Buffer, value any) error {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	buf.Truncate(buf.Len() - 1) // the line break
	return nil
}
