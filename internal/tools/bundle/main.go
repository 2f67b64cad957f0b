// Bundle joins the OpenAPI document under openapi/src into the one file that is published, and writes it as JSON too.
//
//	bundle <root.yaml> <out.yaml> <out.json>
//
// The sources are an ordinary document of many files, linked by relative references. Path items are put in place;
// everything else that is referenced becomes a component under its own name. Which kind of component is said by where
// it stands: schemas/ and examples/ by folder, common/parameters.yaml, headers.yaml and responses.yaml by file.
// Comments and the order of keys are kept, components are sorted by name, and the same sources give the same bytes.
// A name used twice, a reference to nothing and a definition that nothing refers to are errors.
package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const banner = "# Bundled from openapi/src by `make generate`. Do not edit.\n"

// sections are the kinds of components we have, in the order in which they are written.
var sections = []string{"schemas", "parameters", "headers", "responses", "examples"}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: bundle <root.yaml> <out.yaml> <out.json>")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(root, yamlFile, jsonFile string) error {
	text, err := bundle(root)
	if err != nil {
		return err
	}
	converted, err := asJSON(text)
	if err != nil {
		return err
	}
	if err := os.WriteFile(yamlFile, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile(jsonFile, converted, 0o644)
}

// bundle answers with the text of the document that starts in the file root.
func bundle(root string) ([]byte, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	b := &bundler{
		dir:        filepath.Dir(root),
		files:      map[string]*yaml.Node{},
		components: map[string]map[string]component{},
		reached:    map[string]bool{},
	}
	doc, err := b.load(root)
	if err != nil {
		return nil, err
	}
	doc.HeadComment = "" // speaks of the sources
	if len(doc.Content) > 0 {
		doc.Content[0].HeadComment = ""
	}
	if err := b.placePaths(doc, root); err != nil {
		return nil, err
	}
	if err := b.collect(doc, root); err != nil {
		return nil, err
	}
	if err := b.unreached(); err != nil {
		return nil, err
	}
	b.writeComponents(doc)

	var buf bytes.Buffer
	buf.WriteString(banner)
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return buf.Bytes(), enc.Close()
}

type component struct {
	file string
	node *yaml.Node
}

type bundler struct {
	dir        string                          // of the root
	files      map[string]*yaml.Node           // by absolute path: the mapping a file consists of
	components map[string]map[string]component // by section and name
	reached    map[string]bool                 // file#name
}

func (b *bundler) load(file string) (*yaml.Node, error) {
	if node, ok := b.files[file]; ok {
		return node, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", b.name(file), err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: not a mapping", b.name(file))
	}
	b.files[file] = doc.Content[0]
	return doc.Content[0], nil
}

func (b *bundler) name(file string) string {
	if rel, err := filepath.Rel(b.dir, file); err == nil {
		return rel
	}
	return file
}

// placePaths puts the path items that the root refers to in place.
func (b *bundler) placePaths(doc *yaml.Node, root string) error {
	paths := child(doc, "paths")
	if paths == nil {
		return fmt.Errorf("%s: no paths", b.name(root))
	}
	for i := 1; i < len(paths.Content); i += 2 {
		item := paths.Content[i]
		ref := child(item, "$ref")
		if ref == nil {
			return fmt.Errorf("%s:%d: a path item must be a $ref", b.name(root), item.Line)
		}
		file, _, node, err := b.resolve(root, ref)
		if err != nil {
			return err
		}
		if err := b.collect(node, file); err != nil {
			return err
		}
		paths.Content[i] = node
	}
	return nil
}

// collect makes a component of everything that node, which stands in file, refers to, and points the references there.
func (b *bundler) collect(node *yaml.Node, file string) error {
	if node.Kind == yaml.MappingNode {
		if ref := child(node, "$ref"); ref != nil && !strings.HasPrefix(ref.Value, "#/components/") {
			target, name, found, err := b.resolve(file, ref)
			if err != nil {
				return err
			}
			section, err := b.section(target)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", b.name(file), ref.Line, err)
			}
			ref.Value, ref.Style = "#/components/"+section+"/"+name, yaml.SingleQuotedStyle
			if b.components[section] == nil {
				b.components[section] = map[string]component{}
			}
			known, ok := b.components[section][name]
			if ok && known.file != target {
				return fmt.Errorf("two %s are called %s: in %s and in %s", section, name, b.name(known.file), b.name(target))
			}
			if ok {
				return nil
			}
			b.components[section][name] = component{target, found}
			return b.collect(found, target)
		}
	}
	for _, c := range node.Content {
		if err := b.collect(c, file); err != nil {
			return err
		}
	}
	return nil
}

// resolve finds what a reference in file means: `other.yaml#/Name` or `#/Name`.
func (b *bundler) resolve(file string, ref *yaml.Node) (target, name string, node *yaml.Node, err error) {
	where := fmt.Sprintf("%s:%d: %s", b.name(file), ref.Line, ref.Value)
	path, name, ok := strings.Cut(ref.Value, "#/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return "", "", nil, fmt.Errorf("%s: a reference looks like file.yaml#/Name", where)
	}
	target = file
	if path != "" {
		target = filepath.Join(filepath.Dir(file), filepath.FromSlash(path))
	}
	content, err := b.load(target)
	if err != nil {
		return "", "", nil, fmt.Errorf("%s: %w", where, err)
	}
	if node = child(content, name); node == nil {
		return "", "", nil, fmt.Errorf("%s: there is no such thing", where)
	}
	b.reached[target+"#"+name] = true
	return target, name, node, nil
}

// section says what kind of component a file holds.
func (b *bundler) section(file string) (string, error) {
	rel := filepath.ToSlash(b.name(file))
	folder, base, _ := strings.Cut(rel, "/")
	if folder == "common" {
		folder = strings.TrimSuffix(base, ".yaml")
	}
	if !slices.Contains(sections, folder) {
		return "", fmt.Errorf("%s holds no components", rel)
	}
	return folder, nil
}

// unreached names definitions that nothing refers to.
func (b *bundler) unreached() error {
	var idle []string
	err := filepath.WalkDir(b.dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".yaml" || filepath.Dir(file) == b.dir {
			return err
		}
		content, err := b.load(file)
		if err != nil {
			return err
		}
		for i := 0; i < len(content.Content); i += 2 {
			if name := content.Content[i].Value; !b.reached[file+"#"+name] {
				idle = append(idle, b.name(file)+"#/"+name)
			}
		}
		return nil
	})
	if err == nil && len(idle) > 0 {
		err = fmt.Errorf("nothing refers to %s", strings.Join(idle, ", "))
	}
	return err
}

// writeComponents puts the components before those that the root has of its own.
func (b *bundler) writeComponents(doc *yaml.Node) {
	own := child(doc, "components")
	if own == nil {
		own = &yaml.Node{Kind: yaml.MappingNode}
		doc.Content = append(doc.Content, scalar("components"), own)
	}
	var content []*yaml.Node
	for _, section := range sections {
		if len(b.components[section]) == 0 {
			continue
		}
		all := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range slices.Sorted(maps.Keys(b.components[section])) {
			all.Content = append(all.Content, scalar(name), b.components[section][name].node)
		}
		content = append(content, scalar(section), all)
	}
	own.Content = append(content, own.Content...)
}

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// child answers with the value of a key of a mapping, or nil.
func child(node *yaml.Node, key string) *yaml.Node {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}
