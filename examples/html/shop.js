const title = document.title

document.querySelector('natter-chat').addEventListener('unread', ({ detail: { count } }) => {
  document.title = count > 0 ? `(${count}) ${title}` : title
})
