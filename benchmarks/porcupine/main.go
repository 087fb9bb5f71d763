// Command porcupine checks histories with Porcupine and prints, a line of JSON for each, the verdict, the
// time of the check alone, and the memory.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

type report struct {
	Path         string  `json:"path"`
	Verdict      string  `json:"verdict"`
	Operations   int     `json:"operations"`
	ReadSeconds  float64 `json:"read_seconds"`
	Seconds      float64 `json:"seconds"` // the median of the repetitions
	SecondsMin   float64 `json:"seconds_min"`
	Repetitions  int     `json:"repetitions"`
	MemoryBefore int64   `json:"memory_before_bytes"`
	MemoryPeak   int64   `json:"memory_peak_bytes"`
}

var words = map[porcupine.CheckResult]string{
	porcupine.Ok:      "linearizable",
	porcupine.Illegal: "not linearizable",
	porcupine.Unknown: "unknown",
}

func main() {
	timeout := flag.Duration("timeout", time.Minute, "for each check")
	repeat := flag.Duration("repeat", 0, "check each history again until this time is spent")
	flag.Parse()
	for _, path := range flag.Args() {
		done, err := check(path, *timeout, *repeat)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(65)
		}
		line, err := json.Marshal(done)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}

func check(path string, timeout, repeat time.Duration) (*report, error) {
	began := time.Now()
	h, err := readHistory(path)
	if err != nil {
		return nil, err
	}
	done := &report{Path: path, Operations: len(h.keyOf), ReadSeconds: time.Since(began).Seconds()}
	debug.FreeOSMemory() // of reading, nothing but the history counts
	done.MemoryBefore = resetPeakMemory()
	m := forPorcupine(h)
	var took []float64
	for spent := 0.0; len(took) == 0 || spent < repeat.Seconds(); {
		began = time.Now()
		result := porcupine.CheckEventsTimeout(m, h.events, timeout)
		took = append(took, time.Since(began).Seconds())
		spent += took[len(took)-1]
		done.Verdict = words[result]
	}
	done.MemoryPeak = peakMemory()
	runtime.KeepAlive(h)
	sort.Float64s(took)
	done.Repetitions, done.SecondsMin, done.Seconds = len(took), took[0], took[len(took)/2]
	return done, nil
}
