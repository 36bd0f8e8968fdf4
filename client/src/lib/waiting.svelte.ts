// How many items wait for the viewer, for the window's title: it is read while another window is in front.
class Waiting {
  count = $state(0)
}

export const waiting = new Waiting()
