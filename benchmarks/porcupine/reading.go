package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/anishathalye/porcupine"
)

// history is a file of lines as ../porcupine_input.py describes them.
type history struct {
	model  model
	events []porcupine.Event
	keys   numbers
	keyOf  map[int]int // by the operation's number
}

func readHistory(path string) (*history, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	lines.Scan()
	name, initialValue, _ := strings.Cut(lines.Text(), "\t")
	make, known := models[name]
	if !known {
		return nil, fmt.Errorf("%s: no model %q", path, name)
	}
	h := &history{model: make(initialValue), keys: numbers{}, keyOf: map[int]int{}}
	open := map[int]bool{}
	var called []int
	for lines.Scan() {
		words := strings.Split(lines.Text(), "\t")
		if len(words) < 3 {
			return nil, fmt.Errorf("%s: %q is no event", path, lines.Text())
		}
		number, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		if words[0] == "call" {
			h.keyOf[number] = h.keys.of(words[2])
			h.add(porcupine.CallEvent, number, h.model.call(words[3], words[4:]))
			open[number] = true
			called = append(called, number)
			continue
		}
		h.add(porcupine.ReturnEvent, number, h.answer(words[2:]))
		delete(open, number)
	}
	for _, number := range called {
		if open[number] {
			h.add(porcupine.ReturnEvent, number, h.model.answer(unknown, ""))
		}
	}
	return h, lines.Err()
}

func (h *history) answer(words []string) interface{} {
	switch words[0] {
	case "ok":
		return h.model.answer(ok, words[1])
	case "fail":
		return h.model.answer(fail, "")
	}
	return h.model.answer(unknown, "")
}

func (h *history) add(kind porcupine.EventKind, number int, value interface{}) {
	h.events = append(h.events, porcupine.Event{Kind: kind, Value: value, Id: number})
}

func (h *history) byKey(events []porcupine.Event) [][]porcupine.Event {
	parts := make([][]porcupine.Event, len(h.keys))
	for _, event := range events {
		key := h.keyOf[event.Id]
		parts[key] = append(parts[key], event)
	}
	return parts
}
