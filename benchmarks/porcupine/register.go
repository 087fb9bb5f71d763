package main

// register is read, written, and compared and set; a failed compare-and-set saw another value.
type register struct {
	values numbers
	first  int
}

type registerCall struct {
	f     byte // of read, write, cas the first letter
	value int
	new   int // of a cas
}

type registerAnswer struct {
	outcome outcome
	value   int
}

func newRegister(initialValue string) model {
	values := numbers{}
	return &register{values, values.of(initialValue)}
}

func (r *register) call(f string, arguments []string) interface{} {
	c := registerCall{f: f[0], value: r.values.of(arguments[0])}
	if f == "cas" {
		c.new = r.values.of(arguments[1])
	}
	return c
}

func (r *register) answer(how outcome, result string) interface{} {
	a := registerAnswer{outcome: how}
	if how == ok {
		a.value = r.values.of(result)
	}
	return a
}

func (r *register) initial() interface{} { return r.first }

func (r *register) step(state, input, output interface{}) (bool, interface{}) {
	value, c, a := state.(int), input.(registerCall), output.(registerAnswer)
	switch {
	case c.f == 'r':
		return a.outcome == unknown || a.value == value, value
	case c.f == 'w':
		return true, c.value
	case value == c.value:
		return a.outcome != fail, c.new
	}
	return a.outcome != ok, value // of unknown outcome: it failed
}
