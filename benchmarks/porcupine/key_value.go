package main

import "encoding/json"

// keyValue is one key's string, read, replaced and appended to.
type keyValue struct{ first string }

type keyValueCall struct {
	f    byte // of get, put, append the first letter
	text string
}

type keyValueAnswer struct {
	known bool
	text  string
}

func newKeyValue(initialValue string) model { return &keyValue{text(initialValue)} }

func text(word string) (s string) {
	if err := json.Unmarshal([]byte(word), &s); err != nil {
		panic(err)
	}
	return s
}

func (k *keyValue) call(f string, arguments []string) interface{} {
	return keyValueCall{f[0], text(arguments[0])}
}

func (k *keyValue) answer(how outcome, result string) interface{} {
	if how == ok {
		return keyValueAnswer{true, text(result)}
	}
	return keyValueAnswer{}
}

func (k *keyValue) initial() interface{} { return k.first }

func (k *keyValue) step(state, input, output interface{}) (bool, interface{}) {
	value, c, a := state.(string), input.(keyValueCall), output.(keyValueAnswer)
	switch c.f {
	case 'g':
		return !a.known || a.text == value, value
	case 'p':
		return true, c.text
	}
	return true, value + c.text
}
