package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"cartwright/gen/oapi"
	"cartwright/internal/api/docsui"
	"cartwright/internal/media"
	"cartwright/openapi"
)

const basePath = "/api/v1"

// New is the whole shop as one handler.
func New(services Services) (http.Handler, error) {
	spec, err := openapi.Document()
	if err != nil {
		return nil, fmt.Errorf("read the spec: %w", err)
	}
	return build(services, spec)
}

func build(services Services, spec *openapi3.T) (http.Handler, error) {
	contract, err := loadContract(spec)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Binder = binder{}
	e.IPExtractor = echo.ExtractIPDirect() // never X-Forwarded-For: anybody can write that; see clientAddress
	problems := problemWriter{services.Logger, securityLog{services.Logger, services.Metrics}}
	e.HTTPErrorHandler = problems.write
	edge := services.Edge
	limits := newLimits(edge.Limiter, quota{edge.RateLimitMax, edge.RateLimitWindow})
	limits.knows = services.Auth.KnowsNetwork
	e.Use(observe(services.Logger, services.Metrics), secured(edge.PublicURL), recoverPanics, origins(edge.Origins).share, newLocator(edge.TrustedProxies, services.Logger, services.Metrics).locate)

	// With each route rather than with a group: a group catches every address below it, and a wrong
	// method would be answered like a wrong address.
	oapi.RegisterHandlersWithOptions(e, oapi.NewStrictHandler(newServer(services, limits), nil), oapi.RegisterHandlersOptions{
		BaseURL: basePath,
		OperationMiddlewares: contract.onEach(
			contract.identify,
			limits.byAddress,
			deadline,
			authenticate(services.Auth, services.Browsers),
			newBodies(edge.BodyMemory).readBody,
			recordStaff,
			readOptions,
			contract.validate,
			limits.byAccount,
			openStreams(services.Auth),
			receiveForm(services.Media),
			keepPicture(services.Catalog, services.Media, services.Idempotency),
			conditional,
			captureToSend(services.Checkout, services.Idempotency),
			idempotent(services.Idempotency, problems),
		),
	})
	if err := contract.covers(e.Routes()); err != nil {
		return nil, err
	}

	serveDocs(e)
	if services.Media != nil {
		read(e, media.Path+"*", files(anyOrigin(services.Media)))
	}
	if services.Demo != nil {
		read(e, "/demo/images/*", files(anyOrigin(services.Demo)))
	}
	if services.Mailbox != nil {
		read(e, "/dev/mail", files(services.Mailbox))
		read(e, "/dev/mail/*", files(services.Mailbox))
	}
	serveHealth(e, services.Ready)
	return compress(e)
}

// serveDocs serves the contract and its readable form.
func serveDocs(e *echo.Echo) {
	read(e, "/openapi.yaml", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", openapi.YAML)
	})
	read(e, "/openapi.json", func(c echo.Context) error {
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, openapi.JSON)
	})
	docs := files(docsui.Handler())
	read(e, "/docs", docs)
	read(e, "/docs/*", docs)
	read(e, "/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
}

// serveHealth answers whoever keeps the process running: /healthz while it lives, /readyz while it
// can serve.
func serveHealth(e *echo.Echo, ready func(context.Context) error) {
	type health struct {
		Status string `json:"status"`
		Reason string `json:"reason,omitempty"`
	}
	read(e, "/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, health{Status: "ok"}) })
	read(e, "/readyz", func(c echo.Context) error {
		if err := ready(c.Request().Context()); err != nil {
			return c.JSON(http.StatusServiceUnavailable, health{Status: "unavailable", Reason: err.Error()})
		}
		return c.JSON(http.StatusOK, health{Status: "ok"})
	})
}
