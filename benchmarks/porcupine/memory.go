package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// resetPeakMemory returns the resident memory in bytes and lets the peak count anew, where the system can
// (Linux); elsewhere the peak includes reading.
func resetPeakMemory() int64 {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	return resident("VmRSS:")
}

func peakMemory() int64 {
	return resident("VmHWM:")
}

func resident(field string) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for _, line := range strings.Split(string(status), "\n") {
			var kilobytes int64
			if strings.HasPrefix(line, field) {
				if _, err := fmt.Sscanf(line[len(field):], "%d", &kilobytes); err == nil {
					return kilobytes * 1024
				}
			}
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Maxrss // bytes on macOS, the one other system that this is meant for
}
