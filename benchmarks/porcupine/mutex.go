package main

const free = -1

// mutex is a lock, given back by anyone or only by the token that took it; a state is the holder.
type mutex struct {
	owned  bool
	tokens numbers
}

type mutexCall struct {
	f     byte // of acquire, release, is_locked, holder the first letter
	token int
}

type mutexAnswer struct {
	outcome outcome
	locked  bool // what a call of is_locked was told
	holder  int  // what a call of holder was told, by token
}

func newMutex(owned bool) model { return &mutex{owned, numbers{}} }

func (m *mutex) call(f string, arguments []string) interface{} {
	c := mutexCall{f: f[0]}
	if m.owned {
		c.token = m.tokens.of(arguments[0])
	}
	return c
}

func (m *mutex) answer(how outcome, result string) interface{} {
	a := mutexAnswer{outcome: how, locked: result == "true", holder: free}
	if how == ok && result != "null" {
		a.holder = m.tokens.of(result)
	}
	return a
}

func (m *mutex) initial() interface{} { return free }

func (m *mutex) step(state, input, output interface{}) (bool, interface{}) {
	holder, c, a := state.(int), input.(mutexCall), output.(mutexAnswer)
	switch {
	case c.f == 'i':
		return a.outcome == unknown || a.locked == (holder != free), holder
	case c.f == 'h':
		return a.outcome == unknown || a.holder == holder, holder
	case c.f == 'a' && a.outcome == fail:
		return holder != free, holder
	case c.f == 'a' && holder == free:
		return true, c.token
	case c.f == 'r' && a.outcome == fail:
		return holder != c.token, holder
	case c.f == 'r' && holder == c.token:
		return true, free
	}
	return a.outcome == unknown, holder // of unknown outcome: it came to nothing
}
