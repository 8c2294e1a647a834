// Package learner is the shop remembering what came of its offers.
package learner
