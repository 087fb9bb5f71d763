package main

import "github.com/anishathalye/porcupine"

// A model is one for Porcupine, and makes what it is asked and answered from the words of a line.
type model interface {
	call(f string, arguments []string) interface{}
	answer(how outcome, result string) interface{} // of an unknown or failed call there is no result
	initial() interface{}
	step(state, input, output interface{}) (bool, interface{})
}

type outcome uint8

const (
	unknown outcome = iota // returned at the very end of the history
	ok
	fail
)

// models has, by name, what makes each model from its initial value.
var models = map[string]func(initialValue string) model{
	"cas-register":   newRegister,
	"key-value":      newKeyValue,
	"multi-register": newMultiRegister,
	"mutex":          func(string) model { return newMutex(false) },
	"owned-mutex":    func(string) model { return newMutex(true) },
}

func forPorcupine(h *history) porcupine.Model {
	m := porcupine.Model{Init: h.model.initial, Step: h.model.step}
	if len(h.keys) > 1 {
		m.PartitionEvent = h.byKey
	}
	return m
}

// numbers gives each word a number, so that values are compared fast: 0, 1, 2 … as they appear.
type numbers map[string]int

func (n numbers) of(word string) int {
	number, known := n[word]
	if !known {
		number = len(n)
		n[word] = number
	}
	return number
}
