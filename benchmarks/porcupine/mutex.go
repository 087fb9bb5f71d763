package main

const free = -1

// mutex is a lock, given back by anyone or only by the token that took it; a state is the holder.
type mutex struct {
	owned  bool
	tokens numbers
}

type mutexCall struct {
	f     string
	token int
}

type mutexAnswer struct {
	outcome outcome
	holder  int // who is told to hold, by the read `holder`
	locked  bool
}

func newMutex(owned bool) model { return &mutex{owned, numbers{}} }

func (m *mutex) call(f string, arguments []string) interface{} {
	c := mutexCall{f: f}
	if m.owned && (f == "acquire" || f == "release") {
		c.token = m.tokens.of(arguments[0])
	}
	return c
}

func (m *mutex) answer(how outcome, result string) interface{} {
	a := mutexAnswer{outcome: how, holder: free, locked: result == "true"}
	if how == ok && result != "null" {
		a.holder = m.tokens.of(result)
	}
	return a
}

func (m *mutex) initial() interface{} { return free }

func (m *mutex) step(state, input, output interface{}) (bool, interface{}) {
	holder, c, a := state.(int), input.(mutexCall), output.(mutexAnswer)
	switch c.f {
	case "is_locked":
		return a.outcome == unknown || a.locked == (holder != free), holder
	case "holder":
		return a.outcome == unknown || a.holder == holder, holder
	case "acquire":
		if a.outcome == fail {
			return holder != free, holder
		}
		if holder == free {
			return true, c.token
		}
	case "release":
		if a.outcome == fail {
			return holder != c.token, holder
		}
		if holder == c.token {
			return true, free
		}
	}
	return a.outcome == unknown, holder // of unknown outcome: it came to nothing
}
