//go:build gocv

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/vision/feed"
	"aisle/vision"
)

// kind is how a camera's pictures come.
type kind string

const (
	kindBrowser kind = "browser"
	kindHTTP    kind = "http"
	kindRTSP    kind = "rtsp"
	kindDevice  kind = "device"
	kindFile    kind = "file"
)

// kindOf is the kind of an address.
func kindOf(address string) (kind, error) {
	scheme, _, ok := strings.Cut(address, "://")
	switch {
	case address == browser:
		return kindBrowser, nil
	case ok && (scheme == "http" || scheme == "https"):
		return kindHTTP, nil
	case ok && (scheme == "rtsp" || scheme == "rtsps"):
		return kindRTSP, nil
	case ok:
		return "", fmt.Errorf("%w: %s:// cannot be read: http, https, rtsp, a file, device:0, or browser", offers.ErrInvalid, scheme)
	}
	if _, ok := strings.CutPrefix(address, "device:"); ok {
		if _, err := deviceOf(address); err != nil {
			return "", err
		}
		return kindDevice, nil
	}
	return kindFile, nil
}

// deviceOf is the number of device:0, which Linux calls /dev/video0.
func deviceOf(address string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(address, "device:"))
	if err != nil || n < 0 || n > 63 {
		return 0, fmt.Errorf("%w: %s: want device:0 for /dev/video0, and so on", offers.ErrInvalid, address)
	}
	return n, nil
}

// What OpenCV tells FFmpeg: RTSP over TCP, which loses no packets and goes
// through fire walls; the time in microseconds that a network may be silent,
// somewhat less than Stalled; and to keep to itself what it thinks of cameras
// that are away.
var captureOptions = map[string]string{
	"OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp|timeout;7000000|rw_timeout;7000000",
	"OPENCV_FFMPEG_LOGLEVEL":        "-8",
}

// setCapture tells OpenCV, which reads them of the environment only. What is
// there already stays.
func setCapture() error {
	for name, value := range captureOptions {
		if os.Getenv(name) != "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// read reads the feed until it ends.
func (c *camera) read(ctx context.Context) error {
	c.mu.Lock()
	if c.opened && c.kind != kindFile {
		c.reopened++
	}
	c.opened = true
	c.mu.Unlock()
	var noJPEG error
	if c.kind == kindHTTP {
		noJPEG = feed.HTTP(ctx, c.client, c.config.URL, c.slot)
		if !errors.Is(noJPEG, feed.ErrNoPictures) {
			return noJPEG
		}
		// It may be a video that FFmpeg knows.
	}
	v, err := c.open()
	switch {
	case err != nil && noJPEG != nil:
		return noJPEG
	case err != nil && c.kind == kindRTSP:
		return feed.WhyNoRTSP(ctx, c.config.URL)
	case err != nil:
		return err
	}
	defer v.Close()
	return c.readVideo(ctx, v)
}

func (c *camera) open() (*vision.Video, error) {
	switch c.kind {
	case kindDevice:
		n, err := deviceOf(c.config.URL)
		if err != nil {
			return nil, err
		}
		return vision.OpenDevice(n)
	case kindFile:
		if _, err := os.Stat(c.config.URL); err != nil {
			return nil, fmt.Errorf("camera: %w: there is no file %s", offers.ErrUnavailable, c.config.URL)
		}
	}
	return vision.OpenVideo(c.config.URL)
}

func (c *camera) readVideo(ctx context.Context, v *vision.Video) error {
	began, last := time.Now(), time.Time{}
	apart := time.Duration(float64(time.Second) / c.config.Rate / 2)
	for v.Next() {
		at := time.Now()
		if c.kind == kindFile { // at the pace at which it was filmed
			at = began.Add(v.At())
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(at)):
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if at.Sub(last) < apart {
			continue // nobody would look at it
		}
		f, err := v.Frame(c.engine.colour(), at)
		if err != nil {
			return err
		}
		last = at
		c.slot.Put(feed.Picture{Frame: f, At: at})
	}
	if c.kind == kindFile && !last.IsZero() {
		if !c.config.Loop {
			return feed.ErrDone
		}
		return feed.ErrAgain
	}
	if since := time.Since(last); !last.IsZero() && since > feed.Stalled/2 {
		return feed.ErrSilent
	}
	return fmt.Errorf("camera: %w: its video ended", offers.ErrUnavailable)
}
