//go:build gocv

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aisle/vision"
	"aisle/vision/evalfaces"
)

// eval measures how well faces are known, on recordings of others: the default
// method, and the better models that are there.
func eval(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("aisle-vision eval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "../shared/data", "folder of the recordings: people as folders of pictures, and clips")
	models := flags.String("models", "../shared/models", "folder of the better models; what is not there is left out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pipelines, notes, err := evalPipelines(*models)
	if err != nil {
		return err
	}
	clips, err := evalClips(*data)
	if err != nil {
		return err
	}
	report, err := evalfaces.Evaluate(os.DirFS(*data), pipelines, clips)
	if err != nil {
		return fmt.Errorf("evaluate faces in %s: %w", *data, err)
	}
	report.Notes = append(report.Notes, notes...)
	_, err = fmt.Fprintln(stdout, strings.TrimRight(report.String(), "\n"))
	return err
}

func evalPipelines(models string) (pipelines []evalfaces.Pipeline, notes []string, err error) {
	for _, p := range []struct {
		name      string
		detector  Detector
		describer Describer
		floor     map[int][2]float64
	}{
		{"haar + lbp (default)", Detector{Kind: "haar", Path: debianCascade}, Describer{Kind: "lbp"},
			map[int][2]float64{1: {66.7, 52.2}, 3: {89.6, 81.8}, 5: {95.7, 88.8}}},
		{"yunet + mobilefacenet", zoo("face_detection_yunet_2023mar.onnx", yunetSum, models), Describer{
			Kind: "net", Model: "mobilefacenet-1", Path: filepath.Join(models, "mobilefacenet_foamliu.onnx"), SHA256: mobileFaceNetSum,
		}, map[int][2]float64{1: {100, 98.6}, 3: {100, 99.9}, 5: {100, 100}}},
		{"yunet + sface", zoo("face_detection_yunet_2023mar.onnx", yunetSum, models), Describer{
			Kind: "sface", Model: "sface-1", Path: filepath.Join(models, "face_recognition_sface_2021dec.onnx"), SHA256: sfaceSum,
		}, nil},
	} {
		p.detector.Score = .6
		missing := ""
		for _, file := range []string{p.detector.Path, p.describer.Path} {
			if _, err := os.Stat(file); file != "" && errors.Is(err, fs.ErrNotExist) {
				missing = file
			}
		}
		if missing != "" {
			notes = append(notes, fmt.Sprintf("%s: not measured, %s is not here; `aisle models fetch` brings it", p.name, missing))
			continue
		}
		e, err := newEngine(&Config{Detector: p.detector, Describer: p.describer})
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.name, err)
		}
		pipelines = append(pipelines, evalfaces.Pipeline{Name: p.name, Detector: e.detector, Describer: e.describer, Limits: e.limits, Floor: p.floor})
	}
	return pipelines, notes, nil
}

// The models that were measured; `aisle models list` says where they come from.
const (
	yunetSum         = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
	mobileFaceNetSum = "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507"
	sfaceSum         = "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79"
)

func zoo(file, sum, models string) Detector {
	return Detector{Kind: "yunet", Path: filepath.Join(models, file), SHA256: sum}
}

func evalClips(data string) ([]evalfaces.Source, error) {
	var clips []evalfaces.Source
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".mp4" {
			clips = append(clips, evalfaces.Source{Name: d.Name(), Open: func() (evalfaces.Clip, error) { return vision.OpenVideo(path) }})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recordings in %s: %w", data, err)
	}
	return clips, nil
}
