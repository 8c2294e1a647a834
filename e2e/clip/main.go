// Command clip draws somebody who holds a phone before their face and does what
// the guided capture asks: looks straight, turns left, turns right. Chromium
// plays the file as if it were its camera.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"os"

	"aisle/vision/drawn"
)

func main() {
	person := flag.Int("person", 3, "seed of the drawn person")
	path := flag.String("o", "clip.mjpeg", "file to write")
	flag.Parse()
	if err := write(*path, drawn.NewPerson(*person)); err != nil {
		fmt.Fprintln(os.Stderr, "clip:", err)
		os.Exit(1)
	}
}

const (
	width, height = 640, 480
	rate          = 10 // frames a second
	still         = 30 // frames of each side
	turned        = .22
	frameOf       = 8 // distinct frames of a side: a hand is never quite still
)

func write(path string, p *drawn.Person) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, yaw := range []float64{0, -turned, turned} {
		var frames [][]byte
		for i := range frameOf {
			v := drawn.Frontal()
			v.Yaw = yaw + .01*math.Sin(float64(i))
			picture := image.NewRGBA(image.Rect(0, 0, width, height))
			draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{96, 100, 108, 255}), image.Point{}, draw.Src)
			head := drawn.Portrait(p, v, height)
			draw.Draw(picture, head.Bounds().Add(image.Pt((width-height)/2, 0)), head, image.Point{}, draw.Over)
			jpeg, err := drawn.JPEG(picture)
			if err != nil {
				return err
			}
			frames = append(frames, jpeg)
		}
		for i := range still {
			if _, err := f.Write(frames[i%frameOf]); err != nil {
				return err
			}
		}
	}
	return f.Close()
}
