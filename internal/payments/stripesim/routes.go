package stripesim

import "net/http"

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, op := range operations {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op) })
	}
	mux.HandleFunc("/v1/", s.unknownURL)
	mux.HandleFunc("GET /{$}", s.overview)
	mux.HandleFunc("GET /sim/intents/{id}/{token}", s.actionPage)
	mux.HandleFunc("POST /sim/intents/{id}/{token}", s.actionDone)
	return mux
}

var operations = map[string]operation{
	"POST /v1/payment_intents":                      {kind: "payment_intent", params: createParams, check: checkCreate, run: (*Server).createIntent},
	"GET /v1/payment_intents":                       {kind: "payment_intent list", params: listParams.with(params{"customer": text}), check: checkList, run: (*Server).listIntents},
	"GET /v1/payment_intents/{id}":                  {kind: "payment_intent", params: clientParams, client: true, run: (*Server).getIntent},
	"POST /v1/payment_intents/{id}":                 {kind: "payment_intent", params: updateParams, check: checkUpdate, run: (*Server).updateIntent},
	"POST /v1/payment_intents/{id}/confirm":         {kind: "payment_intent", params: confirmParams, client: true, check: checkConfirm, run: (*Server).confirmIntent},
	"POST /v1/payment_intents/{id}/capture":         {kind: "payment_intent", params: captureParams, check: checkCapture, run: (*Server).captureIntent},
	"POST /v1/payment_intents/{id}/cancel":          {kind: "payment_intent", params: cancelParams, check: checkCancel, run: (*Server).cancelIntent},
	"POST /v1/setup_intents":                        {kind: "setup_intent", params: createSetupParams, check: checkCreateSetup, run: (*Server).createSetup},
	"GET /v1/setup_intents/{id}":                    {kind: "setup_intent", params: clientParams, client: true, run: (*Server).getSetup},
	"POST /v1/setup_intents/{id}/confirm":           {kind: "setup_intent", params: confirmSetupParams, client: true, check: checkConfirmSetup, run: (*Server).confirmSetup},
	"POST /v1/setup_intents/{id}/cancel":            {kind: "setup_intent", params: cancelParams, check: checkCancelSetup, run: (*Server).cancelSetup},
	"POST /v1/customers":                            {kind: "customer", params: customerParams, check: checkCustomer, run: (*Server).createCustomer},
	"GET /v1/customers/{id}":                        {kind: "customer", params: expandParams, run: (*Server).getCustomer},
	"POST /v1/customers/{id}":                       {kind: "customer", params: customerParams, check: checkCustomer, run: (*Server).updateCustomer},
	"DELETE /v1/customers/{id}":                     {kind: "customer", params: expandParams, run: (*Server).deleteCustomer},
	"GET /v1/customers/{id}/payment_methods":        {kind: "payment_method list", params: methodListParams, check: checkMethodList, run: (*Server).listCustomerMethods},
	"GET /v1/customers/{id}/payment_methods/{part}": {kind: "payment_method", params: expandParams, run: (*Server).getCustomerMethod},
	"GET /v1/charges/{id}":                          {kind: "charge", params: expandParams, run: (*Server).getCharge},
	"POST /v1/refunds":                              {kind: "refund", params: refundParams, check: checkRefund, run: (*Server).createRefund},
	"GET /v1/refunds":                               {kind: "refund list", params: listParams.with(params{"charge": text, "payment_intent": text}), check: checkList, run: (*Server).listRefunds},
	"GET /v1/refunds/{id}":                          {kind: "refund", params: expandParams, run: (*Server).getRefund},
	"POST /v1/refunds/{id}/cancel":                  {kind: "refund", params: expandParams, run: (*Server).cancelRefund},
	"GET /v1/disputes":                              {kind: "dispute list", params: listParams.with(params{"charge": text, "payment_intent": text}), check: checkList, run: (*Server).listDisputes},
	"GET /v1/disputes/{id}":                         {kind: "dispute", params: expandParams, run: (*Server).getDispute},
	"POST /v1/disputes/{id}":                        {kind: "dispute", params: disputeParams, check: checkDispute, run: (*Server).updateDispute},
	"POST /v1/disputes/{id}/close":                  {kind: "dispute", params: expandParams, run: (*Server).closeDispute},
	"POST /v1/payment_methods":                      {kind: "payment_method", params: methodParams, check: checkMethod, run: (*Server).createMethod},
	"GET /v1/payment_methods":                       {kind: "payment_method list", params: methodsListParams, check: checkMethodList, run: (*Server).listMethods},
	"GET /v1/payment_methods/{id}":                  {kind: "payment_method", params: expandParams, run: (*Server).getMethod},
	"POST /v1/payment_methods/{id}/attach":          {kind: "payment_method", params: attachParams, check: checkAttach, run: (*Server).attachMethod},
	"POST /v1/payment_methods/{id}/detach":          {kind: "payment_method", params: expandParams, run: (*Server).detachMethod},
	"GET /v1/events":                                {params: listParams.with(params{"type": text, "types[]": text}), check: checkEventList, run: (*Server).listEvents},
	"GET /v1/events/{id}":                           {params: expandParams, run: (*Server).getEvent},
	"GET /v1/balance":                               {params: expandParams, run: (*Server).getBalance},
}

func (s *Server) unknownURL(w http.ResponseWriter, r *http.Request) {
	err := refuse("", "", "Unrecognized request URL (%s: %s).", r.Method, r.URL.Path).withStatus(http.StatusNotFound)
	setHeaders(w, newID("req_"))
	write(w, answerOf(err))
}
