package app

import (
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/spf13/cobra"

	"cartwright/openapi"
)

func openapiCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "openapi", Short: "Print the published spec", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := spec(asJSON)
			if err == nil {
				_, err = cmd.OutOrStdout().Write(text)
			}
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON instead of YAML")
	return command
}

func spec(asJSON bool) ([]byte, error) {
	if !asJSON {
		return openapi.YAML, nil
	}
	document, err := openapi3.NewLoader().LoadFromData(openapi.YAML)
	if err != nil {
		return nil, err
	}
	text, err := document.MarshalJSON()
	return append(text, '\n'), err
}
