package bulk

import (
	"fmt"

	"github.com/google/uuid"
)

// level is the stock of a variant.
type level struct {
	onHand, allocated, reserved int32
	backorder                   bool
}

// stockChange is what a row says of a level. What it leaves out stays as it is in the moment of the
// change, which in an import at once comes long after the row was read.
type stockChange struct {
	variant   uuid.UUID
	onHand    field[int32]
	backorder field[bool]
	line      int
	sku       string
}

func (r *Row) stockChange(variant uuid.UUID) stockChange {
	return stockChange{
		variant: variant, onHand: r.InventoryQuantity, backorder: r.AllowBackorder, line: r.Line, sku: r.SKU,
	}
}

// over is what a level becomes.
func (c stockChange) over(now level) level {
	return level{c.onHand.over(now.onHand), now.allocated, now.reserved, c.backorder.over(now.backorder)}
}

// refusal is why a level cannot become that, or nil, as package inventory has it: there are never fewer units than none,
// nor, without back-orders, than open orders hold; and back-orders do not end while units are owed.
func (c stockChange) refusal(now level) *RowError {
	next := c.over(now)
	problem := RowError{Line: c.line, SKU: c.sku, Column: quantityName, Code: "below_reserved"}
	switch {
	case next.onHand < 0:
		problem.Code, problem.Message = "too_small", "Units on hand are not below zero."
	case next.backorder:
		return nil
	case now.backorder && next.onHand < next.allocated+next.reserved:
		problem.Column = backorderName
		problem.Message = fmt.Sprintf("%d units are on hand and orders wait for %d: back-orders cannot end yet.",
			next.onHand, next.allocated+next.reserved)
	case next.onHand >= next.reserved:
		return nil
	default:
		problem.Message = fmt.Sprintf("Open orders hold %d units: there cannot be fewer.", next.reserved)
	}
	return &problem
}

// open gives a new variant the level that the row says.
func (p *planner) open(variant *variantState) {
	change := p.row.stockChange(variant.ID)
	if refused := change.refusal(level{}); refused != nil {
		p.problems = append(p.problems, *refused)
	}
	variant.level = change.over(level{})
}

// stock notes what the row says of a level, if that changes it.
func (p *planner) stock(known *variantState) (changed bool) {
	change, now := p.row.stockChange(known.ID), p.levels[known.ID]
	if known.isNew || change.over(now) == now {
		return false
	}
	if refused := change.refusal(now); refused != nil {
		p.problems = append(p.problems, *refused)
	}
	if len(p.problems) == 0 {
		p.pending = append(p.pending, change)
	}
	return true
}
