package stripesim

import (
	"net/http"
	"slices"
)

// copy is the setup as it is now; later steps do not change it.
func (si *setup) copy() *SetupIntent {
	wire := si.SetupIntent
	return &wire
}

// waits tells whether the setup has neither ended well nor been given up.
func (si *setup) waits() bool {
	return slices.Contains([]string{statusRequiresPaymentMethod, statusRequiresConfirmation, statusRequiresAction}, si.Status)
}

// findSetup finds the setup of the path. A publishable key must know its secret.
func (s *Server) findSetup(c *call) (*setup, *apiError) {
	si := s.state.Setups.get(c.id)
	if si == nil {
		return nil, noSuch("setupintent", "intent", c.id).withStatus(http.StatusNotFound)
	}
	secret := c.args.text("client_secret")
	if c.publishable && secret == "" {
		return nil, missingParam("client_secret")
	}
	if secret != "" && secret != si.ClientSecret {
		return nil, refuse("setup_intent_invalid_parameter", "client_secret",
			"The client_secret provided does not match the client_secret associated with the SetupIntent.")
	}
	return si, nil
}

func (s *Server) getSetup(c *call) (any, *apiError) {
	si, err := s.findSetup(c)
	if err != nil {
		return nil, err
	}
	return si.SetupIntent, nil
}

func checkCancelSetup(c *call) *apiError {
	return c.args.oneOf("cancellation_reason", "duplicate", "requested_by_customer", "abandoned")
}

// cancelSetup gives up a setup that has saved nothing.
func (s *Server) cancelSetup(c *call) (any, *apiError) {
	si, err := s.findSetup(c)
	if err != nil {
		return nil, err
	}
	if !si.waits() {
		return nil, si.unexpectedState("You cannot cancel this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.", si.Status)
	}
	si.Status, si.CancellationReason = statusCanceled, c.args.optional("cancellation_reason")
	si.NextAction, si.ActionToken = nil, ""
	s.record(c, "setup_intent.canceled", si.SetupIntent)
	return si.SetupIntent, nil
}

// unexpectedState refuses a step that the setup's status does not allow.
func (si *setup) unexpectedState(format string, args ...any) *apiError {
	e := refuse("setup_intent_unexpected_state", "", format, args...)
	e.body.SetupIntent = si.copy()
	return e
}
