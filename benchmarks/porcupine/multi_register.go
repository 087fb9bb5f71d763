package main

import (
	"encoding/json"
	"sort"
)

const registersMax = 8

// multiRegister is several registers that a transaction reads and writes at once.
type multiRegister struct {
	names, values numbers
	first         [registersMax]int
}

type access struct {
	write           bool
	register, value int
}

type transaction struct {
	known bool // whether what was read is
	done  []access
}

func newMultiRegister(initialValue string) model {
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(initialValue), &values); err != nil {
		panic(err)
	}
	m := &multiRegister{names: numbers{}, values: numbers{"null": 0}}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		m.first[m.register(name)] = m.values.of(string(values[name]))
	}
	return m
}

func (m *multiRegister) register(name string) int {
	number := m.names.of(name)
	if number >= registersMax {
		panic("too many registers: raise registersMax")
	}
	return number
}

func (m *multiRegister) accesses(word string) []access {
	var parts [][3]json.RawMessage
	if err := json.Unmarshal([]byte(word), &parts); err != nil {
		panic(err)
	}
	var done []access
	for _, part := range parts {
		write := text(string(part[0]))[0] == 'w'
		done = append(done, access{write, m.register(text(string(part[1]))), m.values.of(string(part[2]))})
	}
	return done
}

func (m *multiRegister) call(_ string, arguments []string) interface{} {
	return m.accesses(arguments[0])
}

func (m *multiRegister) answer(how outcome, result string) interface{} {
	if how == ok {
		return transaction{true, m.accesses(result)}
	}
	return transaction{}
}

func (m *multiRegister) initial() interface{} { return m.first }

func (m *multiRegister) step(state, input, output interface{}) (bool, interface{}) {
	values, done := state.([registersMax]int), output.(transaction)
	accesses := input.([]access)
	if done.known {
		accesses = done.done
	}
	for _, a := range accesses {
		switch {
		case a.write:
			values[a.register] = a.value
		case done.known && values[a.register] != a.value:
			return false, state
		}
	}
	return true, values
}
