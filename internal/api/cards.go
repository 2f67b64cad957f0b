package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/checkout"
	"cartwright/internal/payments"
)

// saving is what keeps the cards of whoever is signed in.
type saving struct {
	checkout *checkout.Service
	payments *payments.Service
}

// CreateCardSetup begins to save a card.
func (s saving) CreateCardSetup(
	ctx context.Context, request oapi.CreateCardSetupRequestObject,
) (oapi.CreateCardSetupResponseObject, error) {
	begun, err := s.checkout.CreateCardSetup(ctx, checkout.NewCardSetup{
		Customer: principal(ctx).UserID, MethodID: or(request.Body.PaymentMethodID, ""), ReturnURL: or(request.Body.ReturnURL, ""),
		Key: requestKey(request.Params.IdempotencyKey), Address: networkOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return oapi.CreateCardSetup201JSONResponse{
		Body:    toCardSetup(begun),
		Headers: oapi.CreateCardSetup201ResponseHeaders{Location: basePath + "/account/card-setups/" + begun.ID.String()},
	}, nil
}

// GetCardSetup reads how saving a card stands.
func (s saving) GetCardSetup(
	ctx context.Context, request oapi.GetCardSetupRequestObject,
) (oapi.GetCardSetupResponseObject, error) {
	setup, err := s.checkout.GetCardSetup(ctx, principal(ctx).UserID, request.SetupID)
	if err != nil {
		return nil, err
	}
	return oapi.GetCardSetup200JSONResponse(toCardSetup(setup)), nil
}

// ListCards reads one's saved cards.
func (s saving) ListCards(ctx context.Context, _ oapi.ListCardsRequestObject) (oapi.ListCardsResponseObject, error) {
	cards, err := s.payments.Cards(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.ListCards200JSONResponse{Data: toSlice(cards, toCard)}, nil
}

// UpdateCard makes one of them the default.
func (s saving) UpdateCard(ctx context.Context, request oapi.UpdateCardRequestObject) (oapi.UpdateCardResponseObject, error) {
	card, err := s.payments.UpdateCard(ctx, principal(ctx).UserID, request.CardID, request.Body.IsDefault)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateCard200JSONResponse(toCard(card)), nil
}

// DeleteCard removes one of them.
func (s saving) DeleteCard(ctx context.Context, request oapi.DeleteCardRequestObject) (oapi.DeleteCardResponseObject, error) {
	if err := s.checkout.DeleteCard(ctx, principal(ctx).UserID, request.CardID); err != nil {
		return nil, err
	}
	return oapi.DeleteCard204Response{}, nil
}

func toCardSetup(setup checkout.CardSetup) oapi.CardSetup {
	shown := oapi.CardSetup{
		ID: setup.ID, Status: oapi.CardSetupStatus(setup.Status), CreatedAt: setup.CreatedAt.UTC(),
	}
	if !setup.Final() {
		shown.ClientSecret, shown.NextAction = optionalText(setup.ClientSecret), toNextAction(setup.NextAction)
	}
	if setup.Card != nil {
		shown.Card = new(toCard(*setup.Card))
	}
	return shown
}

func toCard(card payments.SavedCard) oapi.Card {
	return oapi.Card{
		ID: card.ID, Brand: card.Brand, Last4: card.Last4, ExpMonth: int32(card.ExpMonth), ExpYear: int32(card.ExpYear),
		IsDefault: card.IsDefault, CreatedAt: card.CreatedAt.UTC(),
	}
}
