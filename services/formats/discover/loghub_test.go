package discover

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"
)

func TestScratchLoghub(t *testing.T) {
	dir := filepath.Join(data(t), "loghub")
	systems, _ := filepath.Glob(filepath.Join(dir, "*", "*_structured.csv"))
	sum := 0.0
	for _, file := range systems {
		f, _ := os.Open(file)
		r := csv.NewReader(f)
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		ci, ei := -1, -1
		for i, h := range rows[0] {
			if h == "Content" {
				ci = i
			}
			if h == "EventId" {
				ei = i
			}
		}
		m := NewMiner(0)
		ids := []int{}
		for _, row := range rows[1:] {
			ids = append(ids, m.Add(row[ci]))
		}
		m.Settle()
		pred := map[int][]int{}
		truth := map[string][]int{}
		for i, row := range rows[1:] {
			ids[i] = m.Group(ids[i])
			pred[ids[i]] = append(pred[ids[i]], i)
			truth[row[ei]] = append(truth[row[ei]], i)
		}
		ok := 0
		type bad struct {
			n int
			s string
		}
		var bads []bad
		for id, lines := range pred {
			e := map[string]int{}
			for _, l := range lines {
				e[rows[1+l][ei]]++
			}
			if len(e) == 1 && len(truth[rows[1+lines[0]][ei]]) == len(lines) {
				ok += len(lines)
			} else {
				bads = append(bads, bad{len(lines), fmt.Sprintf("%d lines %v | %.150v", len(lines), e, m.groups[id].text())})
			}
		}
		ga := float64(ok) / float64(len(rows)-1)
		sum += ga
		fmt.Printf("%s GA %.3f found %d true %d\n", filepath.Base(file), ga, len(pred), len(truth))
		sort.Slice(bads, func(i, j int) bool { return bads[i].n > bads[j].n })
		for i, b := range bads {
			if i < 12 {
				fmt.Println("    ", b.s)
			}
		}
	}
	fmt.Println("mean", sum/float64(len(systems)))
}
