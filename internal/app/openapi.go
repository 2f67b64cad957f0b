package app

import (
	"github.com/spf13/cobra"

	"cartwright/openapi"
)

func openapiCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "openapi", Short: "Print the published spec", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := openapi.YAML
			if asJSON {
				text = openapi.JSON
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON instead of YAML")
	return command
}
